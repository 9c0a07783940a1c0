import * as tf from "@tensorflow/tfjs-core";
import { causalAttention } from "./attention.js";
import { embedded, withPositions } from "./embedding.js";
import { gelu } from "./gelu.js";
import { afterNorm, centred, unitRows } from "./norm.js";
import { hiddenFactor, type TransformerSpec, transformerCharacters } from "./spec.js";

/** What is trained of one trial: its shape, and the deviation of its initial values; a gain starts at 1. */
export interface DecoderParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: { readonly deviation: number } | "one";
}

const perBlock = 6;

/**
 * The parameters in order: both tables, six a block, the last gain, the head. Weights are `[in, out]`, gains `[width, 1]`. All start at
 * N(0, 0.02²), those that write to the residual stream at 0.02 / √(2 · blocks): Radford et al., 2019, section 2.3. No biases, as nanoGPT
 * with bias = False.
 */
export function decoderParameters({ width, blocks, context }: TransformerSpec): DecoderParameter[] {
  const normal = { deviation: 0.02 };
  const residual = { deviation: 0.02 / Math.sqrt(2 * blocks) };
  const hidden = hiddenFactor * width;
  return [
    { name: "characters", shape: [transformerCharacters, width], start: normal },
    { name: "positions", shape: [context, width], start: normal },
    ...Array.from({ length: blocks }, (_, block): DecoderParameter[] => [
      { name: `attentionGain${block}`, shape: [width, 1], start: "one" },
      { name: `queriesKeysValues${block}`, shape: [width, 3 * width], start: normal },
      { name: `attentionOutput${block}`, shape: [width, width], start: residual },
      { name: `networkGain${block}`, shape: [width, 1], start: "one" },
      { name: `hidden${block}`, shape: [width, hidden], start: normal },
      { name: `networkOutput${block}`, shape: [hidden, width], start: residual },
    ]).flat(),
    { name: "lastGain", shape: [width, 1], start: "one" },
    { name: "head", shape: [width, transformerCharacters], start: normal },
  ];
}

/** Drops some of an addition `[K, B·T, width]` to the residual stream; `place` counts the additions from 0. */
export type Dropout = (addition: tf.Tensor, place: number) => tf.Tensor;

/**
 * Logits `[K, B·T, characters]` of what follows each character of windows, int32 `[G, B, T]`.
 *
 *   x ← x + A(norm x) Wₒ,  x ← x + φ(norm x W₁) W₂   a block;  logits = norm x W
 *
 * A norm's gain is a factor of the weights that follow it, which have fewer numbers than the rows that it would multiply. All rows that are
 * added have mean 0, as `unitRows` wants it.
 */
export function decoderLogits(
  parameters: readonly tf.Tensor[],
  windows: tf.Tensor,
  { spec, dropout }: { readonly spec: TransformerSpec; readonly dropout?: Dropout | undefined },
): tf.Tensor {
  const { heads, blocks } = spec;
  const context = windows.shape[2] as number;
  const at = (i: number) => parameters[i] as tf.Tensor;
  // What is left of a row has another mean.
  const dropped = (addition: tf.Tensor, place: number) =>
    dropout === undefined ? addition : centred(dropout(addition, place));
  let x = dropped(withPositions(embedded(centred(at(0)), windows), centred(at(1))), 0);
  for (let block = 0; block < blocks; block++) {
    const [gain, projection, output, networkGain, hidden, networkOutput] = parameters.slice(2 + perBlock * block) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const weights = { projection: tf.mul(afterNorm(gain, projection), queryScale(spec)), output: centred(output) };
    const attended = causalAttention(unitRows(x), weights, { heads, context });
    x = tf.add(x, dropped(attended, 2 * block + 1));
    const activate = spec.activation === "gelu" ? gelu : tf.relu;
    const active = activate(tf.matMul(unitRows(x), afterNorm(networkGain, hidden)));
    x = tf.add(x, dropped(tf.matMul(active, centred(networkOutput)), 2 * block + 2));
  }
  const [lastGain, head] = parameters.slice(2 + perBlock * blocks) as [tf.Tensor, tf.Tensor];
  return tf.matMul(unitRows(x), afterNorm(lastGain, head));
}

/** `[1, 3 · width]`: 1 / √(width of a head) for the queries, 1 for keys and values. */
function queryScale({ width, heads }: TransformerSpec): tf.Tensor {
  const scale = new Float32Array(3 * width).fill(1).fill(Math.sqrt(heads / width), 0, width);
  return tf.tensor2d(scale, [1, 3 * width]);
}
