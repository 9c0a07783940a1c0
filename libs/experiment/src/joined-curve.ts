import type { CurveChunk, Evaluation } from "./domain.js";
import type { TrialCurve } from "./ports.js";

/** What a chunk may have besides. */
const optional = ["seenLosses", "lowestRates", "highestRates", "bounds"] as const;

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
  /** A chunk without losses or rates says that they are no other than these; one without bounds says nothing. */
  const unsaid = (name: (typeof optional)[number]) => {
    if (name === "bounds") return new Float32Array(steps).fill(Number.NaN);
    return Float32Array.from(name === "seenLosses" ? trainingLosses : learningRates);
  };
  const joined = { trialId, trainingLosses, learningRates };
  return {
    ...joined,
    ...Object.fromEntries(
      optional
        .filter((name) => chunks.some((chunk) => (chunk[name]?.length ?? 0) > 0))
        .map((name) => {
          const values = unsaid(name);
          for (const chunk of chunks) values.set(chunk[name] ?? [], chunk.firstStep);
          return [name, values];
        }),
    ),
    evaluations: evaluations.map(({ step, loss }) => ({ step, loss })),
  };
}
