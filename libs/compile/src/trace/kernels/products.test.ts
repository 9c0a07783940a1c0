import { expect, it } from "vitest";
import { given, type KernelCase, kernelContract, real, whole } from "../../../test/kernel-contract.js";
import { input } from "../../graph/node.js";
import { tf } from "../../tensorflow.js";
import { trace } from "../trace.js";
import { productKernels } from "./products.js";

const turned = (shape: readonly number[], turn: boolean) =>
  turn ? [...shape.slice(0, -2), ...shape.slice(-2).reverse()] : shape;

const transpositions = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

function product(a: readonly number[], b: readonly number[]): KernelCase[] {
  return transpositions.map(([left, right]) => ({
    kernel: "BatchMatMul",
    of: `[${a}]${left ? "ᵀ" : ""} × [${b}]${right ? "ᵀ" : ""}`,
    inputs: [real(turned(a, left)), real(turned(b, right), { from: -2 })],
    build: (x, y) => tf.matMul(x, y, left, right),
  }));
}

const fused = (of: string, config: Omit<Parameters<typeof tf.fused.matMul>[0], "a" | "b">): KernelCase => ({
  kernel: "_FusedMatMul",
  of,
  inputs: [real([2, 3]), real([3, 4])],
  build: (a, b) => tf.fused.matMul({ a, b, ...config }),
});

kernelContract(productKernels, [
  ...product([3, 4], [4, 5]),
  ...product([2, 3, 4], [2, 4, 5]),
  ...product([1, 3, 4], [2, 4, 5]),
  ...product([2, 3, 4], [4, 5]),
  {
    kernel: "BatchMatMul",
    of: "[2, 1, 3, 4] × [5, 4, 2]",
    inputs: [real([2, 1, 3, 4]), real([5, 4, 2])],
    build: (a, b) => tf.matMul(a, b),
    // tfjs-cpu itself takes the last matrix for those that a shorter axis lacks.
    reference: (a, b) => tf.matMul(tf.tile(a, [1, 5, 1, 1]), tf.tile(tf.expandDims(b, 0), [2, 1, 1, 1])),
  },
  ...product([1, 4], [4, 1]),
  {
    kernel: "BatchMatMul",
    of: "whole numbers",
    inputs: [whole([2, 3]), whole([3, 2])],
    build: (a, b) => tf.matMul(a, b),
  },
  {
    kernel: "BatchMatMul",
    of: "NaN and Infinity of one matrix beside another",
    inputs: [given([1, Number.NaN, 3, 4, 1, 2, 3, 4, 1, 2, Infinity, 4], [3, 2, 2]), real([3, 2, 2], { from: 1 })],
    build: (a, b) => tf.matMul(a, b),
  },
  fused("alone", {}),
  ...(["linear", "relu", "elu", "sigmoid", "relu6"] as const).map((activation) => fused(activation, { activation })),
  fused("leakyrelu", { activation: "leakyrelu", leakyreluAlpha: 0.3 }),
  fused("transposed", { transposeA: false, transposeB: false, activation: "relu" }),
  {
    kernel: "_FusedMatMul",
    of: "bias and relu",
    inputs: [real([3, 2]), real([4, 3]), real([4])],
    build: (a, b, bias) =>
      tf.fused.matMul({ a, b, transposeA: true, transposeB: true, ...(bias && { bias }), activation: "relu" }),
  },
]);

it("refuses an activation without a fused form", () => {
  const [a, slope] = [input("a", "float32", [2, 2]), input("slope", "float32", [2])];
  const build = () =>
    trace((symbol) => ({
      y: tf.fused.matMul({ a: symbol(a), b: symbol(a), activation: "prelu", preluActivationWeights: symbol(slope) }),
    }));
  expect(build).toThrow("tf.fused.matMul with prelu cannot be compiled");
});
