import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sweep as sweeps } from "../test/sweeps.js";
import { sampleCohort } from "./contracts/samples.js";
import { planTrials } from "./plan.js";
import { planCohorts } from "./plan-cohorts.js";
import { cohortSchema } from "./schemas.js";

describe("cohortSchema", () => {
  it("gives planned cohorts back unchanged after a trip through JSON", () => {
    fc.assert(
      fc.property(sweeps, (sweep) => {
        for (const cohort of planCohorts(sweep.study, planTrials(sweep))) {
          expect(cohortSchema.parse(JSON.parse(JSON.stringify(cohort)))).toEqual(cohort);
        }
      }),
      { numRuns: 20 },
    );
  });

  const cohort = sampleCohort();
  const [trial] = cohort.trials;
  it.each([
    { what: "nothing", value: undefined },
    { what: "no id", value: { ...cohort, cohortId: "" } },
    { what: "an unknown key", value: { ...cohort, password: "x" } },
    { what: "a rate lost to JSON", value: { ...cohort, trials: [{ ...trial, learningRate: null }] } },
    { what: "a negative rate", value: { ...cohort, trials: [{ ...trial, learningRate: -1 }] } },
    { what: "an unknown task", value: { ...cohort, trials: [{ ...trial, task: { kind: "other" } }] } },
    { what: "half a step", value: { ...cohort, trials: [{ ...trial, steps: 1.5 }] } },
    { what: "a stability bound times 0", value: { ...cohort, trials: [{ ...trial, stability: { fraction: 0 } }] } },
    { what: "an unknown split", value: { ...cohort, trials: [{ ...trial, split: "test" }] } },
  ])("refuses $what", ({ value }) => {
    expect(cohortSchema.safeParse(value).success).toBe(false);
  });

  it("refuses trials that cannot train in one program", () => {
    const other = { ...trial, trialId: "other" };
    const stability = { bound: "ray", fraction: 1, clip: true, start: false };
    expect(cohortSchema.safeParse({ ...cohort, trials: [trial, other] }).success).toBe(true);
    for (const change of [
      ...[{ steps: 41 }, { evaluateEvery: 11 }, { task: { kind: "quadratic", dimension: 5 } }, { stability }],
    ]) {
      const trials = [trial, { ...other, ...change }];
      expect(cohortSchema.safeParse({ ...cohort, trials }).success).toBe(false);
    }
  });
});
