import type { CurveChunk, Evaluation } from "./domain.js";
import type { TrialCurve } from "./ports.js";

/** A trial's chunks and its evaluations by step, as one curve. A step that nobody reported reads as NaN. */
export function joinedCurve(
  trialId: string,
  chunks: readonly Omit<CurveChunk, "trialId">[],
  evaluations: readonly Omit<Evaluation, "trialId">[],
): TrialCurve {
  const steps = Math.max(0, ...chunks.map(({ firstStep, trainingLosses }) => firstStep + trainingLosses.length));
  const trainingLosses = new Float32Array(steps).fill(Number.NaN);
  const learningRates = new Float64Array(steps).fill(Number.NaN);
  for (const chunk of chunks) {
    trainingLosses.set(chunk.trainingLosses, chunk.firstStep);
    learningRates.set(chunk.learningRates, chunk.firstStep);
  }
  return { trialId, trainingLosses, learningRates, evaluations: evaluations.map(({ step, loss }) => ({ step, loss })) };
}
