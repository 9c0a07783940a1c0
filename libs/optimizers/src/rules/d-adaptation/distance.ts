import * as tf from "@tensorflow/tfjs-core";
import type { DAdaptationSpec } from "./spec.js";

/** The estimate before a step, of what the step before kept, which is zero at first, `[K]`. */
export function distanceBefore({ initialDistance }: DAdaptationSpec, kept: tf.Tensor): tf.Tensor {
  return tf.maximum(initialDistance, kept);
}

/** The estimate never falls: d ← max(d, min(d̂, growth · d)), `[K]`. */
export function distanceAfter({ growth }: DAdaptationSpec, before: tf.Tensor, estimate: tf.Tensor): tf.Tensor {
  return tf.maximum(before, growth === undefined ? estimate : tf.minimum(estimate, tf.mul(growth, before)));
}
