import type { TrialCurve, TrialRow } from "@stride/experiment";

/** A number as JSON can carry it: null for what is not finite (a diverged trial's losses; its `outcome` says so). */
const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

/** One trial as `results trials` and `results export` print it. */
export function trialOutput(row: TrialRow) {
  return {
    trialId: row.trialId,
    task: row.task,
    optimizer: row.optimizer,
    noise: row.noise,
    schedule: row.schedule,
    learningRate: row.learningRate,
    drawn: row.drawn,
    seed: row.seed,
    split: row.split,
    outcome: row.outcome,
    steps: row.steps,
    finalEvaluationLoss: finite(row.finalEvaluationLoss),
    bestEvaluationLoss: finite(row.bestEvaluationLoss),
    areaUnderCurve: finite(row.areaUnderCurve),
    forwardPasses: row.forwardPasses,
    backwardPasses: row.backwardPasses,
    seconds: row.seconds,
    attempts: row.attempts,
    executor: row.executor,
    cohortId: row.cohortId,
  };
}

/** One trial's curve as JSON carries it; what a curve does not have is left out. */
export function curveOutput(curve: TrialCurve) {
  const { seenLosses, lowestRates, highestRates, bounds } = curve;
  return {
    trialId: curve.trialId,
    trainingLosses: Array.from(curve.trainingLosses, finite),
    learningRates: Array.from(curve.learningRates),
    ...(seenLosses === undefined ? {} : { seenLosses: Array.from(seenLosses, finite) }),
    ...(lowestRates === undefined ? {} : { lowestRates: Array.from(lowestRates, finite) }),
    ...(highestRates === undefined ? {} : { highestRates: Array.from(highestRates, finite) }),
    ...(bounds === undefined ? {} : { bounds: Array.from(bounds, finite) }),
    evaluations: curve.evaluations.map(({ step, loss }) => ({ step, loss: finite(loss) })),
  };
}

/** The same curve as flat rows, one a step, for CSV: the evaluation loss stands where there is one. */
export function* curveRows(curve: TrialCurve) {
  const evaluations = new Map(curve.evaluations.map(({ step, loss }) => [step, finite(loss)]));
  const steps = Math.max(curve.trainingLosses.length, ...[...evaluations.keys()].map((step) => step + 1));
  for (let step = 0; step < steps; step += 1) {
    yield {
      trialId: curve.trialId,
      step,
      trainingLoss: finite(curve.trainingLosses[step] ?? null),
      learningRate: finite(curve.learningRates[step] ?? null),
      evaluationLoss: evaluations.get(step) ?? null,
      seenLoss: finite(curve.seenLosses?.[step] ?? null),
      lowestRate: finite(curve.lowestRates?.[step] ?? null),
      highestRate: finite(curve.highestRates?.[step] ?? null),
      bound: finite(curve.bounds?.[step] ?? null),
    };
  }
}
