import { randomStream } from "@stride/random";
import type { DataSet } from "../task.js";
import type { LogisticSyntheticSpec } from "./spec.js";

/** Standard deviation of the log-odds: the best model then errs on 22 % of the examples, at a cross-entropy of 0.46. */
const logOdds = 2;

/** Two classes to train on, and examples never trained on, as `inputs` `[dimension]` and one-hot `labels` `[2]`. */
export interface SyntheticClasses {
  readonly training: DataSet;
  readonly evaluation: DataSet;
}

/** Variances of the inputs, evenly spaced on a log scale from 1 / conditionNumber up to 1, `[dimension]`. */
export function variances({ dimension, conditionNumber }: LogisticSyntheticSpec): Float64Array {
  return Float64Array.from({ length: dimension }, (_, j) =>
    dimension === 1 ? 1 : conditionNumber ** (j / (dimension - 1) - 1),
  );
}

/**
 * Inputs x ~ N(0, diag(v)) with the stated variances v, and labels y with P(y = 1 | x) = σ(Σⱼ aⱼ xⱼ / √vⱼ), a on the sphere of
 * radius 2: every input tells as much about the class, so that the flat directions matter. The Hessian of the mean cross-entropy is
 * at most the second moment of (x, 1) over 2, hence about ½ and least along the least variance. Part of the problem, not of a trial:
 * the same for every seed.
 */
export function syntheticClasses(spec: LogisticSyntheticSpec): SyntheticClasses {
  const { dimension, trainingSize, evaluationSize } = spec;
  const direction = randomStream({ seed: 0, purpose: "logistic-synthetic-direction" }).normals(0, dimension);
  const length = Math.hypot(...direction);
  const deviations = variances(spec).map(Math.sqrt);
  const inputs = randomStream({ seed: 0, purpose: "logistic-synthetic-inputs" });
  const labels = randomStream({ seed: 0, purpose: "logistic-synthetic-labels" });
  const size = trainingSize + evaluationSize;
  const x = new Float32Array(size * dimension);
  const y = new Float32Array(size * 2);
  for (let i = 0; i < size; i++) {
    const standard = inputs.normals(i, dimension);
    const odds = standard.reduce((sum, value, j) => sum + (logOdds * value * (direction[j] as number)) / length, 0);
    standard.forEach((value, j) => {
      x[i * dimension + j] = value * (deviations[j] as number);
    });
    const label = labels.uniform(i, 0) < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
    y[2 * i + label] = 1;
  }
  const part = (from: number, to: number): DataSet => ({
    size: to - from,
    arrays: [
      { name: "inputs", shape: [dimension], values: x.slice(from * dimension, to * dimension) },
      { name: "labels", shape: [2], values: y.slice(from * 2, to * 2) },
    ],
  });
  return { training: part(0, trainingSize), evaluation: part(trainingSize, size) };
}
