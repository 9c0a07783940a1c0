import { constantOf } from "../graph/node.js";
import { encodeModel, type OnnxGraph } from "./encode.js";

/** y = x W + b, W `[in][out]`, b `[out]`. */
export interface NetworkLayer {
  readonly weights: readonly (readonly number[])[];
  readonly biases: readonly number[];
}

export interface NetworkModelOptions {
  /** Inputs are (x − mean) / deviation, cut off at ±`cutOff`; `[F]`. */
  readonly normalisation: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
  readonly cutOff: number;
  /** Every layer but the last is followed by tanh; at least one. */
  readonly layers: readonly NetworkLayer[];
  /** Names of the input `[N, F]`, as it is before normalisation, and of the output `[N, A]`. */
  readonly input: string;
  readonly output: string;
}

/** A small network as an ONNX model in float32, any number N of rows at once. Imports no tensor library. */
export function networkModel(options: NetworkModelOptions): Uint8Array<ArrayBuffer> {
  const { normalisation, cutOff, layers, input, output } = options;
  const features = normalisation.mean.length;
  const last = layers.at(-1);
  if (last === undefined) throw new RangeError("a network needs a layer");
  const nodes: OnnxGraph["nodes"][number][] = [
    { operator: "Sub", inputs: [input, inner("mean")], outputs: [inner("centred")] },
    { operator: "Div", inputs: [inner("centred"), inner("deviation")], outputs: [inner("scaled")] },
    { operator: "Clip", inputs: [inner("scaled"), inner("lowest"), inner("highest")], outputs: [inner("normalised")] },
  ];
  const initializers: OnnxGraph["initializers"][number][] = [
    { name: inner("mean"), constant: constantOf(normalisation.mean, "float32", [features]) },
    { name: inner("deviation"), constant: constantOf(normalisation.deviation, "float32", [features]) },
    { name: inner("lowest"), constant: constantOf([-cutOff], "float32", []) },
    { name: inner("highest"), constant: constantOf([cutOff], "float32", []) },
  ];
  let before = inner("normalised");
  for (const [index, layer] of layers.entries()) {
    const { weights, biases } = layer;
    const named = (what: string) => inner(`${what}${index}`);
    initializers.push(
      { name: named("weights"), constant: constantOf(weights.flat(), "float32", [weights.length, biases.length]) },
      { name: named("biases"), constant: constantOf(biases, "float32", [biases.length]) },
    );
    const sum = layer === last ? output : named("sum");
    nodes.push({ operator: "Gemm", inputs: [before, named("weights"), named("biases")], outputs: [sum] });
    if (layer !== last) nodes.push({ operator: "Tanh", inputs: [sum], outputs: [named("hidden")] });
    before = named("hidden");
  }
  return encodeModel({
    name: "policy",
    nodes,
    initializers,
    inputs: [{ name: input, dtype: "float32", shape: [-1, features] }],
    outputs: [{ name: output, dtype: "float32", shape: [-1, last.biases.length] }],
  });
}

/** Apart from whatever input and output are called. */
function inner(name: string): string {
  return `inner:${name}`;
}
