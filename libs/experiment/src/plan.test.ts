import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sweepFile, sweep as sweeps } from "../test/sweeps.js";
import { planTrials, trialId } from "./plan.js";
import { parseSweep } from "./sweep.js";

const example = parseSweep(`
study: example
tasks: [{ kind: quadratic }]
optimizers: [{ kind: sgd }]
schedules: [{ kind: constant }, { name: fall, kind: cosine }]
learningRates: [0.1, 0.5]
seeds: { tuning: 1, report: 2 }
steps: 100
`);
const idsOf = (sweep: typeof example) => planTrials(sweep).map((trial) => trial.trialId);

describe("planTrials", () => {
  it("takes every combination, by seed, schedule and learning rate", () => {
    const rows = planTrials(example).map(({ split, seed, scheduleName, learningRate }) => [
      split,
      seed,
      scheduleName,
      learningRate,
    ]);
    expect(rows).toEqual([
      ["tuning", 0, "constant", 0.1],
      ["tuning", 0, "constant", 0.5],
      ["tuning", 0, "fall", 0.1],
      ["tuning", 0, "fall", 0.5],
      ["report", 1000, "constant", 0.1],
      ["report", 1000, "constant", 0.5],
      ["report", 1000, "fall", 0.1],
      ["report", 1000, "fall", 0.5],
      ["report", 1001, "constant", 0.1],
      ["report", 1001, "constant", 0.5],
      ["report", 1001, "fall", 0.1],
      ["report", 1001, "fall", 0.5],
    ]);
    expect(planTrials(example)[0]).toMatchObject({
      task: { kind: "quadratic" },
      optimizer: { kind: "sgd" },
      schedule: { kind: "constant" },
      steps: 100,
      evaluateEvery: 5,
    });
  });

  it("gives ids that stay as they are from one version to the next", () => {
    expect(idsOf(example).slice(0, 2)).toEqual(["t4c2f682dd2b9d1ba8799429e", "t9dc5f63d6ba01eda3750c916"]);
  });

  it("gives ids that a queue accepts, all different", () => {
    fc.assert(
      fc.property(sweeps, (sweep) => {
        const ids = idsOf(sweep);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(id).toMatch(/^t[0-9a-f]{24}$/);
      }),
    );
  });

  it("gives the same trials for the same file, whatever the order of its keys and whether it writes defaults out", () => {
    fc.assert(
      fc.property(sweepFile, (file) => {
        const reversed = JSON.stringify(file, (_key, value: unknown) =>
          value !== null && typeof value === "object" && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).reverse())
            : value,
        );
        const parsed = parseSweep(JSON.stringify(file));
        const { learningRates, ...rest } = parsed;
        const schedules = parsed.schedules.map(({ name, schedule }) => ({ ...schedule, name }));
        const writtenOut = JSON.stringify({ ...rest, learningRates, schedules });
        expect(planTrials(parseSweep(reversed))).toEqual(planTrials(parsed));
        expect(planTrials(parseSweep(writtenOut))).toEqual(planTrials(parsed));
      }),
    );
  });

  it("keeps the ids it had when seeds, rates, schedules or tasks are added, in any order", () => {
    fc.assert(
      fc.property(sweepFile, fc.nat({ max: 3 }), fc.nat({ max: 3 }), (file, tuning, report) => {
        const fewer = {
          ...file,
          tasks: file.tasks.slice(0, 1),
          schedules: file.schedules.slice(0, 1).reverse(),
          learningRates: file.learningRates.slice(0, 2).reverse(),
        };
        const seeds = { tuning: file.seeds.tuning + tuning, report: file.seeds.report + report };
        const before = idsOf(parseSweep(JSON.stringify(fewer)));
        const after = new Set(idsOf(parseSweep(JSON.stringify({ ...file, seeds }))));
        expect(before.filter((id) => !after.has(id))).toEqual([]);
      }),
    );
  });

  it("keeps the ids it had when only the analysis changes", () => {
    const analysis = { ...example.analysis, margin: 0.5, baseline: "fall" };
    expect(idsOf({ ...example, analysis })).toEqual(idsOf(example));
  });

  it.each([
    { study: "another" },
    { steps: 101 },
    { evaluate: { every: 6 } },
    { seeds: { tuning: 0, report: 2 } },
    { schedules: [{ name: "renamed", schedule: { kind: "constant" as const } }, ...example.schedules.slice(1)] },
  ])("gives another first id when the sweep says %j", (change) => {
    expect(idsOf({ ...example, ...change })[0]).not.toBe(idsOf(example)[0]);
  });

  it("agrees with trialId", () => {
    fc.assert(
      fc.property(sweeps, (sweep) => {
        for (const { trialId: id, ...trial } of planTrials(sweep)) expect(trialId(sweep.study, trial)).toBe(id);
      }),
      { numRuns: 20 },
    );
  });
});

describe("a random search", () => {
  const searching = (
    draws: number,
    schedules = "[{ kind: constant }, { kind: greedy, search: { patience: { from: 1, to: 50, scale: log, whole: true }, thresholdMode: { oneOf: [absolute, relative] } } }]",
  ) =>
    parseSweep(`
study: search
tasks: [{ kind: quadratic }]
schedules: ${schedules}
learningRates: [0.01, 1]
search: { draws: ${draws}, seed: 3 }
seeds: { tuning: 1, report: 1 }
steps: 100
`);
  const drawn = (sweep: ReturnType<typeof searching>) => planTrials(sweep).filter((trial) => trial.drawn);

  it("gives every schedule as many configurations, each with a rate of its own within the grid's ends", () => {
    for (const name of ["constant", "greedy"]) {
      const trials = drawn(searching(40)).filter((trial) => trial.scheduleName === name && trial.split === "report");
      expect(trials).toHaveLength(40);
      const rates = trials.map((trial) => trial.learningRate);
      expect(new Set(rates).size).toBe(40);
      expect(Math.min(...rates)).toBeGreaterThanOrEqual(0.01);
      expect(Math.max(...rates)).toBeLessThanOrEqual(1);
      // Even in the logarithm: of 40, half lie below the geometric mean, up to four standard errors.
      expect(Math.abs(rates.filter((rate) => rate < 0.1).length - 20)).toBeLessThan(13);
    }
  });

  it("draws whole numbers and choices from their ranges, and leaves the grid's trials as they are", () => {
    const greedy = drawn(searching(40))
      .map(({ schedule }) => schedule)
      .filter((spec) => spec.kind === "greedy");
    for (const { patience } of greedy) {
      expect(Number.isInteger(patience)).toBe(true);
      expect(patience).toBeGreaterThanOrEqual(1);
      expect(patience).toBeLessThanOrEqual(50);
    }
    expect(new Set(greedy.map(({ thresholdMode }) => thresholdMode)).size).toBe(2);
    const grid = planTrials(searching(40)).filter((trial) => !trial.drawn);
    expect(grid.map(({ trialId: id }) => id)).toEqual(
      planTrials(searching(1))
        .filter((trial) => !trial.drawn)
        .map(({ trialId: id }) => id),
    );
  });

  it("keeps its draws when more are asked for, and when a schedule is added", () => {
    const ids = (sweep: ReturnType<typeof searching>) => drawn(sweep).map(({ trialId: id }) => id);
    const few = new Set(ids(searching(5, "[{ kind: constant }]")));
    expect(ids(searching(9)).filter((id) => few.has(id))).toHaveLength(few.size);
  });
});

describe("noise and combinations", () => {
  const sweep = parseSweep(`
study: noisy
tasks: [{ kind: quadratic }, { kind: rosenbrock }]
optimizers: [{ kind: sgd }, { kind: adam }]
schedules: [{ kind: constant }, { kind: line-search, only: { optimizers: [sgd], tasks: [quadratic] } }]
learningRates: [0.1]
seeds: { tuning: 0, report: 1 }
noise: [none, { kind: gradient, strength: 0.5 }]
steps: 100
`);

  it("trains everything under every noise, and without", () => {
    const constant = planTrials(sweep).filter((trial) => trial.scheduleName === "constant");
    expect(constant.map(({ task, optimizer, noise }) => [task.kind, optimizer.kind, noise?.kind])).toEqual(
      ["quadratic", "rosenbrock"].flatMap((task) =>
        ["sgd", "adam"].flatMap((optimizer) => [
          [task, optimizer, undefined],
          [task, optimizer, "gradient"],
        ]),
      ),
    );
  });

  it("says of a trial what is done with a stability bound, which is part of its id", () => {
    const plain = "{ name: a, kind: constant }";
    const planned = (entry: string) =>
      planTrials(
        parseSweep(`
study: bounded
tasks: [{ kind: nmf, data: synthetic }]
optimizers: [{ kind: sgd }]
schedules: [${entry}]
learningRates: [0.1]
search: { draws: 1, learningRate: { from: 0.1, to: 1 } }
seeds: { tuning: 0, report: 1 }
steps: 100
`),
      );
    const entries = [
      plain,
      "{ name: a, kind: constant, clip: stability }",
      "{ name: a, kind: constant, stability: {} }",
    ];
    const [without, clipped, recorded] = entries.map(planned);
    for (const trial of without ?? []) expect(Object.keys(trial)).not.toContain("stability");
    const bound = { bound: "ray", fraction: 1, start: false };
    expect(clipped?.map(({ stability }) => stability)).toEqual(Array(2).fill({ ...bound, clip: true }));
    expect(recorded?.map(({ stability }) => stability)).toEqual(Array(2).fill({ ...bound, clip: false }));
    expect(new Set([without, clipped, recorded].flatMap((trials) => trials?.map((one) => one.trialId))).size).toBe(6);
    expect(planned("{ name: a, kind: constant, stability: { clip: true } }")).toEqual(clipped);
  });

  it("keeps a schedule to what it is kept to", () => {
    const searched = planTrials(sweep).filter((trial) => trial.scheduleName === "line-search");
    expect(searched.map(({ task, optimizer }) => [task.kind, optimizer.kind])).toEqual([
      ["quadratic", "sgd"],
      ["quadratic", "sgd"],
    ]);
  });

  it("takes a name for a label before it takes it for a kind", () => {
    const optimizersOf = (optimizers: string, only: string) =>
      planTrials(
        parseSweep(`
study: named
tasks: [{ kind: quadratic }]
optimizers: [${optimizers}]
schedules: [{ kind: constant, only: { optimizers: [${only}] } }]
learningRates: [0.1]
seeds: { tuning: 0, report: 1 }
steps: 100
`),
      ).map(({ optimizer }) => (optimizer.kind === "sgd" ? optimizer.momentum : optimizer.kind));
    const [plain, heavy, heavier] = ["{ kind: sgd }", "{ kind: sgd, momentum: 0.9 }", "{ kind: sgd, momentum: 0.5 }"];
    expect(optimizersOf(`${plain}, ${heavy}`, "sgd")).toEqual([0]);
    expect(optimizersOf(`${heavy}, ${heavier}, { kind: adam }`, "sgd")).toEqual([0.9, 0.5]);
    expect(optimizersOf(`${plain}, ${heavy}`, "sgd-momentum0.9")).toEqual([0.9]);
  });
});
