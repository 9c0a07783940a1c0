import fc from "fast-check";
import { expect, it } from "vitest";
import { trialOf } from "../test/cohorts.js";
import { createPace } from "./pace.js";

it.each([
  { evaluateEvery: 100, reportSteps: 200 },
  { evaluateEvery: 1, reportSteps: 200 },
  { evaluateEvery: 150, reportSteps: 300 },
  { evaluateEvery: 5000, reportSteps: 200 },
])("reports every $reportSteps steps when it evaluates every $evaluateEvery", ({ evaluateEvery, reportSteps }) => {
  expect(createPace(trialOf({ evaluateEvery, steps: 10_000 }), { cohortSize: 4 }).reportSteps).toBe(reportSteps);
});

it("ends a segment of costly steps early, and sooner in a wider cohort", () => {
  const trial = trialOf({ task: { kind: "mlp", data: "mnist", hidden: [1024], batch: 512 }, steps: 1000 });
  const [narrow, wide] = [createPace(trial, { cohortSize: 1 }), createPace(trial, { cohortSize: 4 })];
  expect(narrow.longestSegment).toBeLessThan(10);
  expect(wide.longestSegment).toBe(1);
});

it("pauses at every evaluation, every report and the end, and moves on", () => {
  fc.assert(
    fc.property(
      fc.record({ steps: fc.integer({ min: 1, max: 900 }), evaluateEvery: fc.integer({ min: 1, max: 400 }) }),
      ({ steps, evaluateEvery }) => {
        const pace = createPace(trialOf({ steps, evaluateEvery }), { cohortSize: 2 });
        const pauses: number[] = [];
        for (let step = 0; step < steps; ) {
          const next = pace.nextPause(step);
          expect(next).toBeGreaterThan(step);
          expect(next - step).toBeLessThanOrEqual(pace.longestSegment);
          pauses.push(next);
          step = next;
        }
        const due = Array.from({ length: steps }, (_, i) => i + 1).filter(
          (step) => pace.isEvaluation(step) || pace.isReport(step),
        );
        expect(pauses).toEqual(expect.arrayContaining(due));
        expect(pauses.at(-1)).toBe(steps);
        expect(pace.isEvaluation(steps)).toBe(true);
      },
    ),
  );
});
