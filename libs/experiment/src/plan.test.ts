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
