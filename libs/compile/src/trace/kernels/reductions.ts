import { sizeOf } from "../../cohort-arrays.js";
import { cast, expand, type Reduction, reduce, reshape } from "../../graph/build.js";
import { constantOf, int, type Node, operation } from "../../graph/node.js";
import { tf } from "../../tensorflow.js";
import type { Kernel, KernelCall, Kernels } from "../kernel.js";

/** Kernels name their axes in three ways. */
interface Axes {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

function axesOf(call: KernelCall, x: Node): { axes: number[]; keepDims: boolean } {
  const { axis, reductionIndices, keepDims = false } = call.attributes<Axes>();
  const given = axis ?? reductionIndices;
  const all = x.shape.map((_, i) => i);
  const axes = given === undefined || given === null ? all : tf.util.parseAxisParam(given, [...x.shape]);
  return { axes: axes.sort((a, b) => a - b), keepDims };
}

const reduction =
  (operator: Reduction): Kernel =>
  (call) => {
    const x = call.input("x");
    const { axes, keepDims } = axesOf(call, x);
    if (x.dtype !== "bool") return reduce(operator, x, axes, keepDims);
    // TensorFlow.js counts trues, and the largest of them is one; ONNX reduces numbers alone.
    const reduced = reduce(operator, cast(x, "int32"), axes, keepDims);
    return operator === "ReduceMax" || operator === "ReduceMin" ? cast(reduced, "bool") : reduced;
  };

const position =
  (operator: "ArgMax" | "ArgMin"): Kernel =>
  (call) => {
    const x = call.input("x");
    const { axes } = axesOf(call, x);
    const axis = axes[0] as number;
    const shape = x.shape.filter((_, i) => i !== axis);
    const attributes = { axis: int(axis), keepdims: int(0) };
    return cast(operation(operator, [x], { shape, dtype: "int64", attributes }), "int32");
  };

export const reductionKernels: Kernels = {
  Sum: reduction("ReduceSum"),
  Max: reduction("ReduceMax"),
  Min: reduction("ReduceMin"),
  Prod: reduction("ReduceProd"),
  Mean: (call) => {
    const x = cast(call.input("x"), "float32");
    const { axes, keepDims } = axesOf(call, x);
    return reduce("ReduceMean", x, axes, keepDims);
  },
  All: reduction("ReduceMin"),
  Any: reduction("ReduceMax"),
  ArgMax: position("ArgMax"),
  ArgMin: position("ArgMin"),

  Softmax: (call) => {
    const x = call.input("logits");
    const { dim } = call.attributes<tf.SoftmaxAttrs>();
    const axis = dim < 0 ? dim + x.shape.length : dim;
    return operation("Softmax", [x], { shape: x.shape, attributes: { axis: int(axis) } });
  },
  LogSoftmax: (call) => {
    const x = call.input("logits");
    const { axis } = call.attributes<tf.LogSoftmaxAttrs>();
    const positive = axis < 0 ? axis + x.shape.length : axis;
    return operation("LogSoftmax", [x], { shape: x.shape, attributes: { axis: int(positive) } });
  },
  Cumsum: (call) => {
    const x = call.input("x");
    const { axis, exclusive, reverse } = call.attributes<tf.CumsumAttrs>();
    const along = constantOf([axis], "int64");
    return operation("CumSum", [x, along], {
      shape: x.shape,
      attributes: { exclusive: int(exclusive ? 1 : 0), reverse: int(reverse ? 1 : 0) },
    });
  },

  /** Rows of equal segment id added up: the gradient of a gather. */
  UnsortedSegmentSum: (call) => {
    const [x, ids] = [call.input("x"), call.input("segmentIds")];
    const { numSegments } = call.attributes<tf.UnsortedSegmentSumAttrs>();
    const shape = [numSegments, ...x.shape.slice(ids.shape.length)];
    const flat = [sizeOf(ids.shape)];
    // In this order, as the WebGPU provider reshapes no int64.
    const indices = cast(reshape(ids, [...flat, 1]), "int64");
    const rows = reshape(x, [...flat, ...shape.slice(1)]);
    return operation("ScatterND", [expand(constantOf([0], x.dtype), shape), indices, rows], {
      shape,
      attributes: { reduction: { kind: "string", value: "add" } },
    });
  },
};
