/** Curve and results of a cohort as if it had been trained: what is left is what the orchestrator itself costs. */
export function idleReport(cohort) {
  const { steps, evaluateEvery } = cohort.trials[0];
  const evaluated = Array.from({ length: 1 + Math.ceil(steps / evaluateEvery) }, (_, i) =>
    Math.min(steps, i * evaluateEvery),
  );
  const lossAt = (step) => 1 / (1 + step);
  return {
    step: steps,
    chunks: cohort.trials.map(({ trialId, learningRate }) => ({
      trialId,
      firstStep: 0,
      trainingLosses: Float32Array.from({ length: steps }, (_, step) => lossAt(step)),
      learningRates: new Float64Array(steps).fill(learningRate),
    })),
    evaluations: cohort.trials.flatMap(({ trialId }) =>
      evaluated.map((step) => ({ trialId, step, loss: lossAt(step) })),
    ),
    results: cohort.trials.map(({ trialId, seed }) => ({
      trialId,
      outcome: { kind: "completed" },
      steps,
      finalEvaluationLoss: lossAt(steps) + seed * 1e-6,
      bestEvaluationLoss: lossAt(steps),
      areaUnderCurve: lossAt(steps / 2),
      forwardPasses: steps,
      backwardPasses: steps,
      seconds: 0,
    })),
  };
}
