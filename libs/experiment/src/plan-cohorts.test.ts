import { isGradientRule } from "@stride/optimizers/spec";
import { decisions } from "@stride/schedules/spec";
import { taskCost } from "@stride/tasks/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sweep as sweeps } from "../test/sweeps.js";
import { isControl } from "./controls.js";
import type { Cohort } from "./domain.js";
import { planTrials } from "./plan.js";
import { cohortWidth, planCohorts } from "./plan-cohorts.js";
import { parseSweep } from "./sweep.js";

const plan = (text: string) => {
  const sweep = parseSweep(text);
  return planCohorts(sweep.study, planTrials(sweep));
};
const seedsOf = ({ trials }: Cohort) => [...new Set(trials.map(({ seed }) => seed))];

describe("planCohorts", () => {
  it("puts every trial into one cohort", () => {
    fc.assert(
      fc.property(sweeps, (sweep) => {
        const trials = planTrials(sweep);
        const planned = planCohorts(sweep.study, trials).flatMap((cohort) => cohort.trials);
        const ids = (some: typeof trials) => some.map(({ trialId }) => trialId).sort();
        expect(ids(planned)).toEqual(ids(trials));
      }),
    );
  });

  it("puts together what trains in one program and decides at the same steps, no wider than the task's width", () => {
    fc.assert(
      fc.property(sweeps, (sweep) => {
        for (const { trials } of planCohorts(sweep.study, planTrials(sweep))) {
          const shared = trials.map(({ task, optimizer, noise, steps, evaluateEvery, schedule }) => {
            const moves = isGradientRule(schedule) || isControl(schedule) ? schedule.kind : decisions(schedule);
            return JSON.stringify([task, optimizer, noise, steps, evaluateEvery, moves]);
          });
          expect(new Set(shared).size).toBe(1);
          expect(trials.length).toBeLessThanOrEqual(cohortWidth(taskCost((trials[0] as (typeof trials)[number]).task)));
        }
      }),
    );
  });

  it("gives the same cohorts for the same trials, with ids of their own", () => {
    fc.assert(
      fc.property(sweeps, (sweep) => {
        const cohorts = planCohorts(sweep.study, planTrials(sweep));
        const ids = cohorts.map(({ cohortId }) => cohortId);
        expect(planCohorts(sweep.study, planTrials(sweep))).toEqual(cohorts);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { cohortId, studyName } of cohorts) {
          expect(cohortId).toMatch(/^c[0-9a-f]{24}$/);
          expect(studyName).toBe(sweep.study);
        }
      }),
    );
  });

  it("gives a cohort one seed where a seed has enough trials", () => {
    const cohorts = plan(`
study: wide
tasks: [{ kind: quadratic }]
schedules: [{ kind: constant }, { kind: cosine }]
learningRates: { logGrid: { from: 0.001, to: 1, points: 40 } }
seeds: { tuning: 2, report: 2 }
steps: 100
`);
    expect(cohorts.map((cohort) => [cohort.trials.length, seedsOf(cohort)])).toEqual([
      [40, [0]],
      [40, [0]],
      [40, [1000]],
      [40, [1000]],
      [40, [1]],
      [40, [1]],
      [40, [1001]],
      [40, [1001]],
    ]);
  });

  it("puts whole seeds together where a seed has few trials", () => {
    const cohorts = plan(`
study: narrow
tasks: [{ kind: quadratic }]
schedules: [{ kind: constant }, { kind: cosine }]
learningRates: [0.1, 0.2, 0.5]
seeds: { tuning: 3, report: 12 }
steps: 100
`);
    expect(cohorts.map((cohort) => [cohort.trials.length, seedsOf(cohort)])).toEqual([
      [48, [0, 1000, 1, 1001, 2, 1002, 1003, 1004]],
      [42, [1005, 1006, 1007, 1008, 1009, 1010, 1011]],
    ]);
  });

  it("keeps rules apart that watch the training from those that do not", () => {
    const cohorts = plan(`
study: apart
tasks: [{ kind: quadratic }]
schedules:
  - { kind: constant }
  - { kind: cosine }
  - { kind: greedy }
  - { kind: reduce-on-plateau }
  - { name: greedy-10, kind: greedy, every: 10 }
  - { name: greedy-evaluation, kind: greedy, signal: evaluation }
learningRates: [0.1]
seeds: { tuning: 0, report: 1 }
steps: 100
`);
    const names = cohorts.map(({ trials }) => trials.map(({ scheduleName }) => scheduleName));
    expect(names.map((some) => some.sort().join()).sort()).toEqual([
      "constant,cosine",
      "greedy,reduce-on-plateau",
      "greedy-10",
      "greedy-evaluation",
    ]);
  });

  it("keeps apart what does different things with a stability bound", () => {
    const cohorts = plan(`
study: bounded
tasks: [{ kind: nmf, data: synthetic }]
optimizers: [{ kind: sgd }]
schedules:
  - { kind: constant }
  - { kind: cosine }
  - { name: clipped, kind: constant, clip: stability }
  - { name: clipped cosine, kind: cosine, stability: { clip: true, bound: ray, fraction: 1 } }
  - { name: half, kind: constant, stability: { clip: true, fraction: 0.5 } }
learningRates: [0.1]
seeds: { tuning: 0, report: 1 }
steps: 100
`);
    const names = cohorts.map(({ trials }) => trials.map(({ scheduleName }) => scheduleName).join());
    expect(names.sort()).toEqual(["clipped,clipped cosine", "constant,cosine", "half"]);
  });

  it("lets every part of the study advance at the same pace, the longest-running first", () => {
    const cohorts = plan(`
study: pace
tasks: [{ kind: nmf, data: mnist, rank: 512 }, { kind: mlp, data: mnist, hidden: [1024] }]
schedules: [{ kind: constant }, { kind: greedy }]
learningRates: [0.1]
seeds: { tuning: 1, report: 2 }
steps: 100
`);
    const rows = cohorts.map(({ trials: [trial] }) => `${trial?.task.kind} ${trial?.scheduleName} ${trial?.seed}`);
    expect(rows).toEqual(
      [0, 1000, 1001].flatMap((seed) =>
        ["mlp constant", "mlp greedy", "nmf constant", "nmf greedy"].map((name) => `${name} ${seed}`),
      ),
    );
  });

  it("plans nothing from nothing", () => {
    expect(planCohorts("empty", [])).toEqual([]);
  });
});

describe("cohortWidth", () => {
  it.each([
    { flopsPerStep: 160, bytesPerStep: 400, width: 64 },
    { flopsPerStep: 1e6, bytesPerStep: 1e3, width: 64 },
    { flopsPerStep: 5.2e6, bytesPerStep: 1e5, width: 12 },
    { flopsPerStep: 5.2e6, bytesPerStep: 1.5e6, width: 4 },
    { flopsPerStep: 52e6, bytesPerStep: 1e6, width: 1 },
    { flopsPerStep: 1e9, bytesPerStep: 1e9, width: 1 },
  ])("is $width for $flopsPerStep operations and $bytesPerStep bytes a step", ({ width, ...cost }) => {
    expect(cohortWidth(cost)).toBe(width);
  });
});
