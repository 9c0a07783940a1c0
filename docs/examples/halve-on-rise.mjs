/** Multiplies the rate by `factor` after each evaluation whose loss is above the one before. */
export default function halveOnRise({ factor = 0.5 }, { learningRate }) {
  return {
    init: () => ({ rate: learningRate, last: Number.MAX_VALUE }),
    update(state, { step, evaluation }) {
      // The latest evaluation is there at every step; it is new when it was taken after this very step.
      if (evaluation?.step !== step + 1) return state;
      const rate = evaluation.loss > state.last ? state.rate * factor : state.rate;
      return { rate, last: evaluation.loss };
    },
    learningRate: ({ rate }) => rate,
  };
}
