import * as tf from "@tensorflow/tfjs-core";
import type { Task } from "../task.js";
import { noData } from "./no-data.js";
import type { QuadraticSpec } from "./spec.js";

/** Curvatures of the quadratic, evenly spaced on a log scale from 1 / conditionNumber up to 1. */
export function curvatures({ dimension, conditionNumber }: QuadraticSpec): Float32Array {
  return Float32Array.from({ length: dimension }, (_, i) =>
    dimension === 1 ? 1 : conditionNumber ** (i / (dimension - 1) - 1),
  );
}

/**
 * f(x) = ½ Σᵢ aᵢ xᵢ², started at x ~ N(0, I). The axes are the eigenvectors: a rotation would change nothing for gradient
 * descent, with momentum or without, while for Adam, whose rates are a coordinate's own, this is the kind case.
 */
export function createQuadratic(spec: QuadraticSpec): Task {
  const { dimension } = spec;
  const halfCurvatures = curvatures(spec).map((curvature) => curvature / 2);
  const loss: Task["loss"] = ([x]) =>
    tf.sum(tf.mul(tf.tensor2d(halfCurvatures, [1, dimension]), tf.square(x as tf.Tensor)), 1);
  return {
    parameters: [{ name: "x", shape: [dimension] }],
    batchSize: 0,
    training: noData,
    evaluation: noData,
    init: (random) => [Float32Array.from(random.normals(0, dimension))],
    loss,
    evaluate: loss,
  };
}
