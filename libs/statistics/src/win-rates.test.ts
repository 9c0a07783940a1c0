import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryTrials, trial } from "../test/trials.js";
import { cellsFromRows } from "./cells-from-rows.js";
import type { TrialOutcomeRow, WinRate } from "./types.js";
import { winRates } from "./win-rates.js";
import { winRatesFromCells } from "./win-rates-from-cells.js";

const options = { metric: "finalEvaluationLoss", margin: 0.01, seed: 7, resamples: 200 } as const;
const inf = Number.POSITIVE_INFINITY;

/** The row of a comparison; undefined when there is none. */
function find(rows: readonly WinRate[], wanted: Partial<WinRate>): WinRate | undefined {
  return rows.find((row) => Object.entries(wanted).every(([key, value]) => row[key as keyof WinRate] === value));
}

/** Ten seeds of greedy against cosine on each of `tasks`: 6 wins, 1 tie, 2 losses, 1 undecided each. */
function comparison(tasks: readonly string[]): TrialOutcomeRow[] {
  const greedy = [1, 1, 1, 1, 1, 1, 2, 3, inf, null];
  return tasks.flatMap((task) =>
    greedy.flatMap((loss, seed) => [trial("greedy", seed, loss, { task }), trial("cosine", seed, 2, { task })]),
  );
}

describe("winRates", () => {
  it("counts 6 wins, 1 tie, 2 losses and 1 undecided as 6.5 / 9 won and 7 / 9 equal or better", () => {
    const [row] = winRates(comparison(["t"]), { ...options, baseline: "cosine" });
    expect(row).toMatchObject({ task: "all", challenger: "greedy", baseline: "cosine", view: "fixed", rates: [] });
    expect(row).toMatchObject({ wins: 6, ties: 1, losses: 2, undecided: 1, pairs: 10 });
    expect(row?.winRate.value).toBe(6.5 / 9);
    expect(row?.equalOrBetter.value).toBe(7 / 9);
    const logRatios = 6 * Math.log(1 / 2) + Math.log(3 / 2) + Math.log(1000);
    expect(row?.meanLogRatio.value).toBeCloseTo(logRatios / 9, 14);
  });

  it("gives one row for all tasks and one for each, in both views when there are tuning trials", () => {
    const tuning = ["greedy", "cosine"].map((schedule) => trial(schedule, 99, 1, { task: "a", split: "tuning" }));
    const rows = winRates([...comparison(["b", "a"]), ...tuning], { ...options, baseline: "cosine" });
    expect(rows.map(({ view, task, pairs }) => [view, task, pairs])).toEqual([
      ["fixed", "all", 20],
      ["fixed", "a", 10],
      ["fixed", "b", 10],
      ["tuned", "all", 10],
      ["tuned", "a", 10],
    ]);
    expect(rows[0]?.rates).toEqual([]);
    const choice = { task: "a", optimizer: "sgd", noise: "none", learningRate: 0.1, drawn: false, tuningMean: 1 };
    expect(rows[3]?.rates).toEqual([
      { ...choice, schedule: "cosine" },
      { ...choice, schedule: "greedy" },
    ]);
  });

  it("judges each condition by its interval over seeds", () => {
    const condition = (learningRate: number, losses: readonly number[]) =>
      losses.flatMap((loss, seed) => [
        trial("greedy", seed, loss, { learningRate }),
        trial("cosine", seed, 1, { learningRate }),
      ]);
    const rows = [
      ...condition(0.01, [0.5, 0.51, 0.49]),
      ...condition(0.1, [1.001, 1, 0.999]),
      ...condition(1, [2, 0.5, 1]),
      ...condition(10, [inf, inf, inf]),
      ...condition(100, [0.1]),
    ];
    const [row] = winRates(rows, { ...options, baseline: "cosine" });
    expect(row?.conditions).toEqual({ wins: 1, ties: 1, losses: 1, undecided: 2 });
  });

  it("has null rates when nothing is decided", () => {
    const rows = [trial("greedy", 1, null), trial("cosine", 1, 1)];
    const [row] = winRates(rows, { ...options, baseline: "cosine" });
    const unknown = { value: null, lower: null, upper: null };
    expect(row).toMatchObject({
      pairs: 1,
      undecided: 1,
      winRate: unknown,
      equalOrBetter: unknown,
      meanLogRatio: unknown,
    });
    expect(winRates([], options)).toEqual([]);
  });

  it("has wide intervals from one seed, and no interval for the mean log ratio", () => {
    const [row] = winRates([trial("greedy", 1, 1), trial("cosine", 1, 2)], { ...options, baseline: "cosine" });
    // Wilson for 1 of 1: 1 / (1 + z²).
    expect(row?.winRate).toEqual({ value: 1, lower: expect.closeTo(0.206549, 6), upper: 1 });
    expect(row?.meanLogRatio).toEqual({ value: -Math.LN2, lower: null, upper: null });
  });

  it("counts tasks, not seeds, as the units of all tasks together", () => {
    const rows = ["a", "b"].flatMap((task) =>
      Array.from({ length: 10 }, (_, seed) => [trial("greedy", seed, 1, { task }), trial("cosine", seed, 2, { task })]),
    );
    const [all, single] = winRates(rows.flat(), { ...options, baseline: "cosine" });
    // Wilson for n of n: n / (n + z²).
    expect(all?.winRate.lower).toBeCloseTo(2 / (2 + 3.841459), 6);
    expect(single?.winRate.lower).toBeCloseTo(10 / (10 + 3.841459), 6);
  });

  it("gives the same interval to the same seed, and another to another", () => {
    const rows = comparison(["a", "b", "c"]);
    expect(winRates(rows, options)).toEqual(winRates(rows, options));
    const ends = (seed: number) => winRates(rows, { ...options, seed }).map(({ meanLogRatio }) => meanLogRatio);
    for (const [i, other] of ends(8).entries()) expect(other).not.toEqual(ends(7)[i]);
  });

  it("gives a wider interval to a higher confidence", () => {
    const [narrow] = winRates(comparison(["t"]), { ...options, confidence: 0.5 });
    const [wide] = winRates(comparison(["t"]), { ...options, confidence: 0.99 });
    expect(wide?.winRate.lower).toBeLessThan(narrow?.winRate.lower as number);
    expect(wide?.winRate.upper).toBeGreaterThan(narrow?.winRate.upper as number);
  });

  it.each([{ confidence: 0 }, { confidence: 1 }, { resamples: 0 }, { resamples: 1.5 }, { margin: -0.1 }])(
    "refuses %o",
    (wrong) => expect(() => winRates([], { ...options, ...wrong })).toThrow(RangeError),
  );
});

describe("for any trials", () => {
  const any = (law: (rows: TrialOutcomeRow[]) => void) => fc.assert(fc.property(arbitraryTrials, law), { numRuns: 50 });

  it("winRate(x, y) + winRate(y, x) = 1, intervals included, and the effect changes its sign", () => {
    any((trials) => {
      const rows = winRates(trials, options);
      for (const row of rows) {
        const back = find(rows, { ...only(row), challenger: row.baseline, baseline: row.challenger });
        expect(back).toMatchObject({ wins: row.losses, ties: row.ties, losses: row.wins, undecided: row.undecided });
        if (back === undefined || row.winRate.value === null) continue;
        expect(row.winRate.value + (back.winRate.value as number)).toBeCloseTo(1, 12);
        expect((row.winRate.lower as number) + (back.winRate.upper as number)).toBeCloseTo(1, 12);
        expect((row.meanLogRatio.value as number) + (back.meanLogRatio.value as number)).toBeCloseTo(0, 12);
      }
    });
  });

  it("equalOrBetter(x, y) + the share y strictly wins = 1, and winRate lies halfway through the ties", () => {
    any((trials) => {
      for (const { wins, ties, losses, winRate, equalOrBetter } of winRates(trials, options)) {
        if (winRate.value === null || equalOrBetter.value === null) continue;
        const decided = wins + ties + losses;
        expect(equalOrBetter.value + losses / decided).toBeCloseTo(1, 12);
        expect(equalOrBetter.value - winRate.value).toBeCloseTo(ties / 2 / decided, 12);
      }
    });
  });

  it("an interval holds its value, and a rate's lies in [0, 1]", () => {
    any((trials) => {
      for (const { winRate, equalOrBetter, meanLogRatio } of winRates(trials, options)) {
        for (const { value, lower, upper } of [winRate, equalOrBetter, meanLogRatio]) {
          if (value === null || lower === null || upper === null) continue;
          expect(lower).toBeLessThanOrEqual(value);
          expect(upper).toBeGreaterThanOrEqual(value);
        }
        expect(winRate.lower ?? 0).toBeGreaterThanOrEqual(0);
        expect(equalOrBetter.upper ?? 1).toBeLessThanOrEqual(1);
      }
    });
  });

  it("a schedule ties with itself under another name", () => {
    any((trials) => {
      const greedy = trials.filter(({ schedule }) => schedule === "greedy");
      const twins = [...greedy, ...greedy.map((row) => ({ ...row, schedule: "twin" }))];
      for (const row of winRates(twins, { ...options, margin: 0 })) {
        expect(row).toMatchObject({ wins: 0, losses: 0 });
        expect(row.winRate.value ?? 0.5).toBe(0.5);
        expect(row.meanLogRatio.value ?? 0).toBe(0);
        expect(row.conditions).toMatchObject({ wins: 0, losses: 0 });
      }
    });
  });

  it("ties grow with the margin, wins and losses shrink", () => {
    any((trials) => {
      const narrow = winRates(trials, { ...options, margin: 0.005 });
      const wide = winRates(trials, { ...options, margin: 0.5 });
      for (const [i, row] of narrow.entries()) {
        expect(wide[i]?.ties).toBeGreaterThanOrEqual(row.ties);
        expect(wide[i]?.wins).toBeLessThanOrEqual(row.wins);
        expect(wide[i]?.losses).toBeLessThanOrEqual(row.losses);
      }
    });
  });

  it("the order of trials and of cells changes nothing, nor does a trip through JSON", () => {
    any((trials) => {
      const rows = winRates(trials, options);
      expect(winRates([...trials].reverse(), options)).toEqual(rows);
      const { cells, conditions, tunedRates } = cellsFromRows(trials, options);
      const reversed = {
        cells: [...cells].reverse(),
        conditions: [...conditions].reverse(),
        tunedRates: [...tunedRates].reverse(),
      };
      expect(winRatesFromCells(reversed, options)).toEqual(rows);
      expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
    });
  });

  it("all tasks together count what the tasks count", () => {
    any((trials) => {
      const rows = winRates(trials, options);
      for (const all of rows.filter(({ task }) => task === "all")) {
        const single = rows.filter((row) => row.task !== "all" && find([row], { ...only(all), task: row.task }));
        for (const key of ["wins", "ties", "losses", "undecided", "pairs"] as const) {
          expect(single.reduce((sum, row) => sum + row[key], 0)).toBe(all[key]);
        }
      }
    });
  });

  it("more failures never settle a pair: a failed challenger's pairs are undecided", () => {
    any((trials) => {
      const failing = trials.map((row) => (row.schedule === "greedy" ? { ...row, outcome: "failed" as const } : row));
      for (const row of winRates(failing, { ...options, baseline: undefined })) {
        if (row.challenger === "greedy" || row.baseline === "greedy") expect(row.undecided).toBe(row.pairs);
      }
    });
  });
});

function only({
  task,
  challenger,
  baseline,
  view,
}: WinRate): Pick<WinRate, "task" | "challenger" | "baseline" | "view"> {
  return { task, challenger, baseline, view };
}
