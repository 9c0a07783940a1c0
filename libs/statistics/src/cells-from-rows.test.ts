import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryTrials, trial } from "../test/trials.js";
import { cellsFromRows } from "./cells-from-rows.js";
import { logRatioCap } from "./pair-verdict.js";

const options = { metric: "finalEvaluationLoss", margin: 0.01, baseline: "cosine" } as const;
const inf = Number.POSITIVE_INFINITY;

describe("cellsFromRows", () => {
  it("counts the verdicts of a task and seed over optimizers and rates", () => {
    const rows = [
      trial("greedy", 1, 1),
      trial("cosine", 1, 2),
      trial("greedy", 1, 2, { learningRate: 1 }),
      trial("cosine", 1, 2, { learningRate: 1 }),
      trial("greedy", 1, inf, { optimizer: "adam" }),
      trial("cosine", 1, 2, { optimizer: "adam" }),
      trial("greedy", 1, null, { optimizer: "adamw" }),
      trial("cosine", 1, 2, { optimizer: "adamw" }),
    ];
    const { cells } = cellsFromRows(rows, options);
    const counts = { wins: 1, ties: 1, losses: 1, undecided: 1, logRatioSum: logRatioCap - Math.LN2 };
    expect(cells).toEqual([{ view: "fixed", challenger: "greedy", baseline: "cosine", task: "t", seed: 1, ...counts }]);
  });

  it("pairs trials of the same seed and rate only", () => {
    const rows = [trial("greedy", 1, 1), trial("cosine", 2, 2), trial("cosine", 1, 2, { learningRate: 1 })];
    expect(cellsFromRows(rows, options)).toEqual({ cells: [], conditions: [], tunedRates: [] });
  });

  it("keeps the report apart from the tuning", () => {
    const rows = [trial("greedy", 1, 1, { split: "tuning" }), trial("cosine", 1, 2)];
    expect(cellsFromRows(rows, options).cells.filter(({ view }) => view === "fixed")).toEqual([]);
  });

  it("summarises a condition by mean and sample variance of its log ratios", () => {
    const rows = [1, 2, 3].flatMap((seed) => [trial("greedy", seed, 2 ** (seed - 3)), trial("cosine", seed, 1)]);
    const [condition] = cellsFromRows([...rows, trial("greedy", 4, null), trial("cosine", 4, 1)], options).conditions;
    // Log ratios −2, −1 and 0 times log 2.
    expect(condition).toMatchObject({ optimizer: "sgd", learningRate: 0.1, decided: 3, undecided: 1 });
    expect(condition?.logRatioMean).toBeCloseTo(-Math.LN2, 14);
    expect(condition?.logRatioVariance).toBeCloseTo(Math.LN2 ** 2, 14);
  });

  it("has no mean without a decided pair, and no variance with one", () => {
    const rows = [trial("greedy", 1, 1), trial("cosine", 1, 1), trial("greedy", 2, null), trial("cosine", 2, 1)];
    expect(cellsFromRows(rows, options).conditions[0]).toMatchObject({ logRatioMean: 0, logRatioVariance: null });
    expect(cellsFromRows(rows.slice(2), options).conditions[0]).toMatchObject({ decided: 0, logRatioMean: null });
  });

  describe("in the tuned view", () => {
    const tuning = { split: "tuning" } as const;
    const rows = [
      ...[0.1, 1].map((learningRate) => trial("greedy", 1, learningRate, { ...tuning, learningRate })),
      ...[0.1, 1].map((learningRate) => trial("cosine", 1, 1 / learningRate, { ...tuning, learningRate })),
      trial("greedy", 5, 3, { learningRate: 0.1 }),
      trial("greedy", 5, 9, { learningRate: 1 }),
      trial("cosine", 5, 9, { learningRate: 0.1 }),
      trial("cosine", 5, 4, { learningRate: 1 }),
    ];
    const tuned = (trials: typeof rows) => cellsFromRows(trials, options).cells.filter(({ view }) => view === "tuned");

    it("compares each schedule at its own chosen rate: 3 at 0.1 against 4 at 1", () => {
      expect(cellsFromRows(rows, options).tunedRates.map((rate) => rate.learningRate)).toEqual([1, 0.1]);
      const [cell] = tuned(rows);
      expect(cell).toMatchObject({ seed: 5, wins: 1, losses: 0 });
      expect(cell?.logRatioSum).toBeCloseTo(Math.log(3 / 4), 14);
    });

    it("leaves a pair undecided when the trial at the chosen rate is missing, or no rate could be chosen", () => {
      expect(tuned(rows.filter((row) => row.split === "tuning" || row.learningRate === 1))).toMatchObject([
        { seed: 5, wins: 0, ties: 0, losses: 0, undecided: 1 },
      ]);
      const unchosen = rows.filter((row) => row.split === "report" || row.schedule === "cosine");
      expect(tuned(unchosen)).toMatchObject([{ seed: 5, wins: 0, ties: 0, losses: 0, undecided: 1 }]);
    });

    it("has no cells without tuning trials", () => {
      expect(tuned(rows.filter((row) => row.split === "report"))).toEqual([]);
    });
  });

  it("takes every ordered pair when no baseline is given", () => {
    const rows = ["a", "b", "c"].map((schedule) => trial(schedule, 1, 1));
    const { cells } = cellsFromRows(rows, { metric: "areaUnderCurve", margin: 0 });
    expect(cells.map(({ challenger, baseline }) => `${challenger}${baseline}`)).toEqual([
      "ab",
      "ac",
      "ba",
      "bc",
      "ca",
      "cb",
    ]);
  });

  it("refuses an unknown baseline, a negative margin and a trial told twice", () => {
    const rows = [trial("greedy", 1, 1), trial("constant", 1, 1)];
    expect(() => cellsFromRows(rows, options)).toThrow("baseline must be one of constant, greedy, got cosine");
    expect(() => cellsFromRows(rows, { ...options, baseline: "greedy", margin: -1 })).toThrow(RangeError);
    expect(() => cellsFromRows([...rows, ...rows], { ...options, baseline: "greedy" })).toThrow(
      "two trials of task t, optimizer sgd, noise none, schedule greedy, learning rate 0.1, report seed 1: a trial counts once",
    );
  });

  describe("under noises", () => {
    const noisy = (schedule: string, loss: number, noise: string) => trial(schedule, 1, loss, { noise });
    const rows = [
      ...[trial("greedy", 1, 1), trial("cosine", 1, 2)],
      ...[noisy("greedy", 4, "labels-0.1"), noisy("cosine", 2, "labels-0.1")],
      ...[noisy("greedy", 1, "inputs-1"), noisy("cosine", 2, "inputs-1")],
    ];

    it("has a condition a noise, and one cell for all of a task and seed", () => {
      const { cells, conditions } = cellsFromRows(rows, options);
      expect(conditions.map(({ noise, logRatioMean }) => [noise, logRatioMean])).toEqual([
        ["inputs-1", -Math.LN2],
        ["labels-0.1", Math.LN2],
        ["none", -Math.LN2],
      ]);
      expect(cells).toMatchObject([{ task: "t", seed: 1, wins: 2, losses: 1 }]);
    });

    it("never pairs trials under different noises", () => {
      const apart = [noisy("greedy", 1, "inputs-1"), noisy("cosine", 2, "labels-0.1"), trial("cosine", 1, 2)];
      expect(cellsFromRows(apart, options).conditions).toEqual([]);
    });

    it("keeps to the conditions that are asked for, and refuses a label that there is not", () => {
      const asked = (wanted: object) => cellsFromRows(rows, { ...options, ...wanted }).conditions.length;
      expect(asked({ noise: "none" })).toBe(1);
      expect(asked({ task: "t", optimizer: "sgd", noise: "labels-0.1" })).toBe(1);
      expect(() => asked({ noise: "labels" })).toThrow("noise must be one of inputs-1, labels-0.1, none, got labels");
      expect(() => asked({ task: "nmf" })).toThrow("task must be one of t, got nmf");
    });
  });

  describe("with draws", () => {
    const at = (schedule: string, learningRate: number, loss: number, drawn: boolean) =>
      (["tuning", "report"] as const).map((split) => trial(schedule, 1, loss, { learningRate, split, drawn }));
    const rows = [
      ...[...at("greedy", 0.1, 2, false), ...at("greedy", 0.3, 1, true), ...at("greedy", 0.5, 9, true)],
      ...[...at("cosine", 0.1, 4, false), ...at("cosine", 0.3, 8, true), ...at("cosine", 0.5, 3, false)],
    ];
    const { conditions, tunedRates } = cellsFromRows(rows, options);

    it("chooses among the grid and the draws alike, and says which it took", () => {
      expect(tunedRates.map(({ schedule, learningRate, drawn }) => [schedule, learningRate, drawn])).toEqual([
        ["cosine", 0.5, false],
        ["greedy", 0.3, true],
      ]);
      expect(conditions.find(({ view }) => view === "tuned")?.logRatioMean).toBeCloseTo(-Math.log(3), 14);
    });

    it("compares no draw at a fixed rate, be it another's rate or the other's draw", () => {
      const fixed = conditions.filter(({ view }) => view === "fixed");
      expect(fixed.map(({ learningRate }) => learningRate)).toEqual([0.1]);
    });
  });

  it("is the same whatever the order of the rows, and survives JSON", () => {
    fc.assert(
      fc.property(arbitraryTrials, fc.func(fc.integer()), (rows, rank) => {
        const open = { ...options, baseline: undefined };
        const cells = cellsFromRows(rows, open);
        expect(
          cellsFromRows(
            [...rows].sort((a, b) => rank(a) - rank(b)),
            open,
          ),
        ).toEqual(cells);
        expect(JSON.parse(JSON.stringify(cells))).toEqual(cells);
      }),
      { numRuns: 50 },
    );
  });

  it("counts every pair once: the cells and the conditions of a comparison hold as many", () => {
    fc.assert(
      fc.property(arbitraryTrials, (rows) => {
        const { cells, conditions } = cellsFromRows(rows, { ...options, baseline: undefined });
        const decided = cells.reduce((sum, cell) => sum + cell.wins + cell.ties + cell.losses, 0);
        const undecided = cells.reduce((sum, cell) => sum + cell.undecided, 0);
        expect(conditions.reduce((sum, condition) => sum + condition.decided, 0)).toBe(decided);
        expect(conditions.reduce((sum, condition) => sum + condition.undecided, 0)).toBe(undecided);
      }),
    );
  });
});
