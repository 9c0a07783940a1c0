import type { Trial } from "@stride/experiment";
import { taskCost } from "@stride/tasks/spec";

const usualReportSteps = 200;
const operationsPerSegment = 1e10;
/** Draws and noise of a segment are held in memory, four bytes a number. */
const numbersPerSegment = 4e6;

/** Where a cohort pauses. Counted in steps and costs known beforehand, never by the clock: a second run pauses at the same steps. */
export interface Pace {
  /** Steps a report covers, except for a shorter last one. */
  readonly reportSteps: number;
  /** Steps a segment has at most. */
  readonly longestSegment: number;
  /** Whether the held-out loss is taken after so many updates. */
  isEvaluation(step: number): boolean;
  /** Whether a report ends after so many updates. */
  isReport(step: number): boolean;
  /** The number of updates, above `step`, at which the next segment ends unless a rule wants to decide before. */
  nextPause(step: number): number;
}

/**
 * A report covers about 200 steps, whole stretches between evaluations where those are shorter. A segment ends at the latest
 * where it may have taken about a second, so that a cohort stops soon when it is asked to, or where the `numbersPerStep` that it is
 * given of draws and noise fill 16 MB.
 */
export function createPace(
  { task, steps, evaluateEvery }: Trial,
  { cohortSize, numbersPerStep = 0 }: { readonly cohortSize: number; readonly numbersPerStep?: number },
): Pace {
  const reportSteps =
    evaluateEvery < usualReportSteps ? Math.ceil(usualReportSteps / evaluateEvery) * evaluateEvery : usualReportSteps;
  const affordable = Math.floor(operationsPerSegment / (taskCost(task).flopsPerStep * cohortSize));
  const remembered = numbersPerStep === 0 ? reportSteps : Math.floor(numbersPerSegment / numbersPerStep);
  const longestSegment = Math.max(1, Math.min(affordable, reportSteps, remembered));
  return {
    reportSteps,
    longestSegment,
    isEvaluation: (step) => step % evaluateEvery === 0 || step === steps,
    isReport: (step) => step % reportSteps === 0,
    nextPause: (step) =>
      Math.min(steps, step + longestSegment, nextMultiple(evaluateEvery, step), nextMultiple(reportSteps, step)),
  };
}

/** The least multiple of `interval` above `step`. */
export function nextMultiple(interval: number, step: number): number {
  return (Math.floor(step / interval) + 1) * interval;
}
