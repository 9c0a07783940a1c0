import * as tf from "@tensorflow/tfjs-core";
import { softmaxCrossEntropy } from "../mlp/cross-entropy.js";
import { mobyDickWindows } from "../moby-dick/windows.js";
import type { Batch, Draw, Task } from "../task.js";
import { type Dropout, decoderLogits, decoderParameters } from "./decoder.js";
import { oneHotRows } from "./embedding.js";
import { type TransformerSpec, transformerCharacters } from "./spec.js";

/** Held-out windows that are judged at once, so that memory does not grow with their number. */
const evaluatedAtOnce = 64;

/** Softmax cross-entropy in nats a character of a small decoder on the windows of a book. */
export async function createTransformer(spec: TransformerSpec): Promise<Task> {
  const { context, width, batch, dropout } = spec;
  const [training, evaluation] = await Promise.all([
    mobyDickWindows({ split: "training", count: spec.trainingSize, length: context }),
    mobyDickWindows({ split: "heldOut", count: spec.evaluationSize, length: context }),
  ]);
  const parameters = decoderParameters(spec);
  const draws: readonly Draw[] =
    dropout === 0
      ? []
      : Array.from({ length: 1 + 2 * spec.blocks }, (_, place) => ({
          name: `dropout${place}`,
          shape: [batch * context, width],
          distribution: "uniform",
        }));
  const lossOf = (given: readonly tf.Tensor[], { arrays }: Batch, drop?: Dropout) => {
    const logits = decoderLogits(given, arrays.characters as tf.Tensor, { spec, dropout: drop });
    return softmaxCrossEntropy(logits, oneHotRows(arrays.next as tf.Tensor));
  };
  return {
    parameters: parameters.map(({ name, shape }) => ({ name, shape })),
    batchSize: batch,
    training,
    evaluation,
    ...(draws.length === 0 ? {} : { draws }),
    perturbable: { labels: { array: "next", classes: transformerCharacters } },
    init: (random) =>
      parameters.map(({ shape, start }, i) => {
        const size = shape.reduce((product, extent) => product * extent, 1);
        if (start === "one") return new Float32Array(size).fill(1);
        return Float32Array.from(random.normals(i, size), (value) => start.deviation * value);
      }),
    loss: (given, batch) => lossOf(given, batch, draws.length === 0 ? undefined : dropoutOf(batch, dropout)),
    evaluate: (given, heldOut) => {
      const size = spec.evaluationSize;
      const parts: tf.Tensor[] = [];
      for (let first = 0; first < size; first += evaluatedAtOnce) {
        const count = Math.min(evaluatedAtOnce, size - first);
        const some = Object.entries(heldOut.arrays).map(
          ([name, array]) => [name, tf.slice(array, [0, first, 0], [1, count, context])] as const,
        );
        const loss = lossOf(given, { arrays: Object.fromEntries(some) });
        parts.push(tf.mul(loss, count / size));
      }
      return tf.addN(parts);
    },
  };
}

/**
 * Keeps what is drawn at or above the share, and scales it up by what is lost: Srivastava et al., "Dropout", JMLR 15, 2014, in the
 * form that leaves evaluation alone.
 */
function dropoutOf({ arrays }: Batch, share: number): Dropout {
  return (addition, place) => {
    const kept = tf.cast(tf.greaterEqual(arrays[`dropout${place}`] as tf.Tensor, share), "float32");
    return tf.mul(addition, tf.mul(kept, 1 / (1 - share)));
  };
}
