import { innerProduct, perTrial } from "@stride/optimizers";
import { minimisedLoss, projected, type StepData, type StepOptions, trainedLoss } from "./step.js";
import { tf } from "./tensorflow.js";
import { watched } from "./watch.js";

/** The tensor programs of which a step with a line search is made. */

/** What the search starts from: losses and ‖g‖² `[K]`, the gradient, and what is watched. */
export function measured(options: StepOptions, parameters: readonly tf.Tensor[], data: StepData) {
  const trained = trainedLoss(options, parameters, data);
  const { losses, noisyLosses, minimised, gradients } = trained;
  return {
    losses,
    noisyLosses,
    minimised,
    squaredNorms: innerProduct(gradients, gradients),
    gradients,
    told: watched(options, { ...trained, parameters }),
  };
}

/** The loss at x(η), and the fall ⟨g, x − x(η)⟩ that the gradient promises there, `[K]`. */
export function tried(
  options: StepOptions,
  parameters: readonly tf.Tensor[],
  gradients: readonly tf.Tensor[],
  step: SearchStep,
) {
  const moved = movedAgainst(options, parameters, gradients, step.rates);
  const way = parameters.map((parameter, i) => tf.sub(parameter, moved[i] as tf.Tensor));
  return { losses: minimisedLoss(options, moved, step.data), promised: innerProduct(gradients, way) };
}

export interface SearchStep {
  /** `[K]`. */
  readonly rates: tf.Tensor;
  readonly data: StepData;
}

/** x(η): the parameters less η · g, projected where the task is constrained. */
export function movedAgainst(
  { task }: StepOptions,
  parameters: readonly tf.Tensor[],
  gradients: readonly tf.Tensor[],
  rates: tf.Tensor,
): readonly tf.Tensor[] {
  const moved = parameters.map((parameter, i) =>
    tf.sub(parameter, tf.mul(perTrial(rates, parameter.rank), gradients[i] as tf.Tensor)),
  );
  return projected(task, moved);
}
