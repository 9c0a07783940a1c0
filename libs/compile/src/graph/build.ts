import { sizeOf } from "../cohort-arrays.js";
import { type DType, float, int, integers, ints, type Node, type Operation, operation, sameShape } from "./node.js";

/** The shape that operands broadcast to, by NumPy's rule. */
export function broadcastShape(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const extent = extents.find((candidate) => candidate !== 1) ?? 1;
    if (extents.some((other) => other !== 1 && other !== extent)) {
      throw new RangeError(`shapes ${shapes.map((shape) => `[${shape}]`).join(" and ")} do not broadcast`);
    }
    return extent;
  });
}

/** An operator that works element by element and broadcasts its operands. */
export function elementwise(operator: string, inputs: readonly Node[], dtype?: DType): Operation {
  const shape = broadcastShape(...inputs.map((operand) => operand.shape));
  return operation(operator, inputs, { shape, ...(dtype === undefined ? {} : { dtype }) });
}

const onnxTypes: Readonly<Record<DType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export function cast(x: Node, dtype: DType): Node {
  if (x.dtype === dtype) return x;
  return operation("Cast", [x], { shape: x.shape, dtype, attributes: { to: int(onnxTypes[dtype]) } });
}

/** `shape` has no −1 unless in front, where it stands for what is known only when the graph runs. */
export function reshape(x: Node, shape: readonly number[]): Node {
  if (sameShape(x.shape, shape)) return x;
  return operation("Reshape", [x, integers(shape)], { shape });
}

/** Repeats `x` along axes of extent 1 until it has `shape`. */
export function expand(x: Node, shape: readonly number[]): Node {
  if (sameShape(x.shape, shape)) return x;
  return operation("Expand", [x, integers(shape)], { shape });
}

export function transpose(x: Node, permutation: readonly number[]): Node {
  const shape = permutation.map((axis) => x.shape[axis] as number);
  return operation("Transpose", [x], { shape, attributes: { perm: ints(permutation) } });
}

/** Swaps the last two axes. */
export function transposeMatrix(x: Node): Node {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
}

/** Matrix product over the last two axes; the others broadcast. */
export function matMul(a: Node, b: Node): Operation {
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (a.shape.at(-1) !== b.shape.at(-2)) throw new RangeError(`cannot multiply [${a.shape}] and [${b.shape}]`);
  return operation("MatMul", [a, b], { shape: [...batch, a.shape.at(-2) as number, b.shape.at(-1) as number] });
}

export type Reduction =
  | "ReduceSum"
  | "ReduceMean"
  | "ReduceMax"
  | "ReduceMin"
  | "ReduceProd"
  | "ReduceSumSquare"
  | "ReduceLogSumExp";

/** Reduces over `axes`, sorted and not negative; no axes leave `x` as it is. */
export function reduce(operator: Reduction, x: Node, axes: readonly number[], keepDims: boolean): Node {
  if (axes.length === 0 && operator !== "ReduceSumSquare") return x;
  const shape = x.shape.flatMap((extent, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [extent]));
  const keepdims = int(keepDims ? 1 : 0);
  // In opset 17 the sum alone takes its axes as an input.
  return operator === "ReduceSum"
    ? operation(operator, [x, integers(axes)], { shape, attributes: { keepdims } })
    : operation(operator, [x], { shape, attributes: { axes: ints(axes), keepdims } });
}

/** `begin` inclusive, `size` extents, stride 1. */
export function slice(x: Node, begin: readonly number[], size: readonly number[]): Node {
  if (sameShape(x.shape, size)) return x;
  const ends = begin.map((start, axis) => start + (size[axis] as number));
  return operation("Slice", [x, integers(begin), integers(ends)], { shape: size });
}

export function concat(parts: readonly Node[], axis: number): Node {
  const first = parts[0] as Node;
  if (parts.length === 1) return first;
  const extent = parts.reduce((sum, part) => sum + (part.shape[axis] as number), 0);
  return operation("Concat", parts, { shape: first.shape.with(axis, extent), attributes: { axis: int(axis) } });
}

export function gather(x: Node, indices: Node, axis: number): Node {
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return operation("Gather", [x, indices], { shape, attributes: { axis: int(axis) } });
}

/**
 * 1 where x > 0, else 0, and NaN at NaN: max(0, min(1, 3·10³⁸ x)) is exact for every normal number and a single vectorised
 * operator.
 */
export function positive(x: Node): Node {
  return operation("HardSigmoid", [x], { shape: x.shape, attributes: { alpha: float(3e38), beta: float(0) } });
}

/** Number of elements; of a graph input with an open extent, those of one step. */
export function elements(node: Node): number {
  return Math.abs(sizeOf(node.shape));
}
