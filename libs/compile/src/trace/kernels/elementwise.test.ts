import { given, type KernelCase, kernelContract, real, specials, truth, whole } from "../../../test/kernel-contract.js";
import { tf } from "../../tensorflow.js";
import { elementwiseKernels } from "./elementwise.js";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Defined everywhere: random numbers, then zeros, infinities and NaN. */
const everywhere: Readonly<Record<string, Unary>> = {
  Abs: tf.abs,
  Atan: tf.atan,
  Ceil: tf.ceil,
  Elu: tf.elu,
  Erf: tf.erf,
  Exp: tf.exp,
  Expm1: tf.expm1,
  Floor: tf.floor,
  IsFinite: tf.isFinite,
  IsInf: tf.isInf,
  IsNan: tf.isNaN,
  LeakyRelu: (x) => tf.leakyRelu(x, 0.1),
  Log: tf.log,
  Log1p: tf.log1p,
  Neg: tf.neg,
  OnesLike: tf.onesLike,
  Reciprocal: tf.reciprocal,
  Relu: tf.relu,
  Relu6: tf.relu6,
  Round: tf.round,
  Rsqrt: tf.rsqrt,
  Selu: tf.selu,
  Sigmoid: tf.sigmoid,
  Softplus: tf.softplus,
  Sqrt: tf.sqrt,
  Square: tf.square,
  Step: (x) => tf.step(x),
  Tanh: tf.tanh,
  ZerosLike: tf.zerosLike,
  ClipByValue: (x) => tf.clipByValue(x, -1, 2),
};

const everywhereCases = Object.entries(everywhere).flatMap(([kernel, build]): KernelCase[] => [
  { kernel, inputs: [real([3, 4])], build },
  { kernel, of: "special numbers", inputs: [given(specials)], build },
]);

const one = (kernel: string, build: Unary, range = {}): KernelCase => ({
  kernel,
  inputs: [real([3, 4], range)],
  build,
});

const restricted: KernelCase[] = [
  one("Acos", tf.acos, { from: -1, to: 1 }),
  one("Acosh", tf.acosh, { from: 1, to: 5 }),
  one("Asin", tf.asin, { from: -1, to: 1 }),
  one("Asinh", tf.asinh),
  one("Atanh", tf.atanh, { from: -0.99, to: 0.99 }),
  one("Cos", tf.cos),
  one("Cosh", tf.cosh),
  one("Sin", tf.sin),
  one("Sinh", tf.sinh),
  one("Tan", tf.tan, { from: -1, to: 1 }),
  one("Sign", tf.sign),
  { kernel: "Sign", of: "zero and infinities", inputs: [given([0, -0, Infinity, -Infinity])], build: tf.sign },
  { kernel: "Round", of: "halves, to even", inputs: [given([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])], build: tf.round },
  { kernel: "Expm1", of: "small numbers", inputs: [real([50], { from: -1e-4, to: 1e-4 })], build: scaled(tf.expm1) },
  { kernel: "Log1p", of: "small numbers", inputs: [real([50], { from: -1e-4, to: 1e-4 })], build: scaled(tf.log1p) },
  { kernel: "Step", of: "a slope", inputs: [given(specials)], build: (x) => tf.step(x, 0.25) },
  { kernel: "Abs", of: "whole numbers", inputs: [whole([3, 4])], build: tf.abs },
  { kernel: "Neg", of: "whole numbers", inputs: [whole([3, 4])], build: tf.neg },
  { kernel: "Relu", of: "whole numbers", inputs: [whole([3, 4])], build: tf.relu },
  { kernel: "Square", of: "whole numbers", inputs: [whole([3, 4])], build: tf.square },
  { kernel: "ClipByValue", of: "whole numbers", inputs: [whole([9])], build: (x) => tf.clipByValue(x, -1, 2) },
  { kernel: "ClipByValue", of: "one bound", inputs: [given(specials)], build: (x) => tf.clipByValue(x, 0, Infinity) },
  { kernel: "LogicalNot", inputs: [truth([3, 4])], build: tf.logicalNot },
  { kernel: "OnesLike", of: "truths", inputs: [truth([3])], build: tf.onesLike },
  { kernel: "ZerosLike", of: "whole numbers", inputs: [whole([3])], build: tf.zerosLike },
];

/** Absolute errors near 0 count as relative ones. */
function scaled(build: Unary): Unary {
  return (x) => tf.mul(build(x), 1e4);
}

const arithmetic: Readonly<Record<string, Binary>> = {
  Add: tf.add,
  Sub: tf.sub,
  Multiply: tf.mul,
  RealDiv: tf.div,
  Maximum: tf.maximum,
  Minimum: tf.minimum,
  SquaredDifference: tf.squaredDifference,
  Equal: tf.equal,
  NotEqual: tf.notEqual,
  Greater: tf.greater,
  GreaterEqual: tf.greaterEqual,
  Less: tf.less,
  LessEqual: tf.lessEqual,
};

const column = given(specials, [specials.length, 1]);
const row = given(specials, [1, specials.length]);

const arithmeticCases = Object.entries(arithmetic).flatMap(([kernel, build]): KernelCase[] => [
  { kernel, inputs: [real([2, 3, 4]), real([2, 3, 4], { from: -2 })], build },
  { kernel, of: "broadcast", inputs: [real([3, 1]), real([2, 1, 4])], build },
  { kernel, of: "a number", inputs: [real([]), real([2, 3])], build },
  { kernel, of: "special numbers with each other", inputs: [column, row], build },
]);

const comparisons = ["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"].flatMap(
  (kernel): KernelCase[] => [
    { kernel, of: "whole numbers", inputs: [whole([5, 1]), whole([1, 5])], build: arithmetic[kernel] as Binary },
    { kernel, of: "truths", inputs: [truth([5, 1]), truth([1, 5])], build: arithmetic[kernel] as Binary },
  ],
);

const logic: readonly (readonly [string, Binary])[] = [
  ["LogicalAnd", tf.logicalAnd],
  ["LogicalOr", tf.logicalOr],
];
const kernelCall =
  (kernel: string): Binary =>
  (a, b) =>
    tf.engine().runKernel(kernel, { a, b }) as tf.Tensor;

const binary: KernelCase[] = [
  ...logic.map(([kernel, build]) => ({ kernel, inputs: [truth([4, 1]), truth([1, 5])], build })),
  {
    kernel: "LogicalXor",
    inputs: [truth([4, 1]), truth([1, 5])],
    build: kernelCall("LogicalXor"),
    reference: tf.logicalXor,
  },
  { kernel: "Add", of: "whole numbers", inputs: [whole([3, 1]), whole([1, 4])], build: tf.add },
  { kernel: "Multiply", of: "whole numbers", inputs: [whole([3, 1]), whole([1, 4])], build: tf.mul },
  { kernel: "Maximum", of: "truths", inputs: [truth([4]), truth([4])], build: tf.maximum },
  { kernel: "Pow", inputs: [real([3, 4], { from: 0.1 }), real([3, 4])], build: tf.pow },
  { kernel: "Pow", of: "broadcast", inputs: [real([3, 1], { from: 0.1 }), real([4])], build: tf.pow },
  {
    kernel: "Pow",
    of: "zeros and negatives",
    inputs: [given([0, 0, -2, -2, -2]), given([0, 2, 2, 3, 0.5])],
    build: tf.pow,
  },
  { kernel: "Pow", of: "whole numbers", inputs: [whole([5]), whole([5], { from: 0, to: 4 })], build: tf.pow },
  { kernel: "FloorDiv", inputs: [real([3, 4]), real([4], { from: 0.5 })], build: tf.floorDiv },
  {
    kernel: "FloorDiv",
    of: "whole numbers",
    inputs: [whole([9, 1], { from: -7, to: 7 }), given3()],
    build: tf.floorDiv,
  },
  { kernel: "Mod", inputs: [real([3, 4]), real([4], { from: 0.5 })], build: tf.mod },
  { kernel: "Mod", of: "negative divisors", inputs: [real([3, 4]), real([4], { from: -2, to: -0.5 })], build: tf.mod },
  { kernel: "Mod", of: "multiples", inputs: [given([0.3, -0.3, 6, -6]), given([0.1, 0.1, 3, 3])], build: tf.mod },
  { kernel: "Mod", of: "an infinite divisor", inputs: [given([2, 0, 1e20]), given([Infinity])], build: tf.mod },
  { kernel: "Mod", of: "whole numbers", inputs: [whole([9, 1], { from: -7, to: 7 }), given3()], build: tf.mod },
  {
    kernel: "AddN",
    inputs: [real([2, 3]), real([2, 3], { to: 1 }), real([2, 3], { to: 9 })],
    build: (...all) => tf.addN(all),
  },
  { kernel: "AddN", of: "one", inputs: [real([2, 3])], build: (...all) => tf.addN(all) },
  { kernel: "EluGrad", inputs: [given(specials)], build: (x) => tf.grad((y: tf.Tensor) => tf.elu(y))(x) },
  { kernel: "Prelu", inputs: [real([2, 3, 4]), real([4])], build: tf.prelu as Binary },
  { kernel: "Prelu", of: "special numbers", inputs: [given(specials), real([1])], build: tf.prelu as Binary },
  { kernel: "Select", inputs: [truth([3, 4]), real([3, 4]), real([3, 4], { to: 9 })], build: where },
  { kernel: "Select", of: "broadcast", inputs: [truth([3, 1]), real([2, 1, 4]), real([])], build: where },
  { kernel: "Select", of: "NaN beside", inputs: [truth([9]), given([NaN], [1]), real([9])], build: where },
  { kernel: "Select", of: "whole numbers", inputs: [truth([6]), whole([6]), whole([6], { to: 9 })], build: where },
];

function given3() {
  return () => ({ dtype: "int32", shape: [4], values: [3, -3, 1, 2] }) as const;
}

function where(condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.where(condition, a, b);
}

kernelContract(elementwiseKernels, [...everywhereCases, ...restricted, ...arithmeticCases, ...comparisons, ...binary]);
