import { sizeOf } from "../cohort-arrays.js";
import { reduce, reshape, transpose } from "../graph/build.js";
import { inputAt, intAttribute, intsAttribute, isOperation, sameShape } from "../graph/node.js";
import { reducedAxes } from "./broadcasting.js";
import type { Rule } from "./rule.js";

/** Reshape(Reshape(x)) = Reshape(x); a Reshape to the same shape does nothing. */
export const reshapeChain: Rule = (node) => {
  if (node.operator !== "Reshape") return undefined;
  const x = inputAt(node, 0);
  if (sameShape(x.shape, node.shape)) return x;
  return isOperation(x, "Reshape") ? reshape(inputAt(x, 0), node.shape) : undefined;
};

/** Cast to the type that is there already, and chains of casts of which the last one decides. */
export const castChain: Rule = (node) => {
  if (node.operator !== "Cast") return undefined;
  const x = inputAt(node, 0);
  if (x.dtype === node.dtype) return x;
  if (!isOperation(x, "Cast")) return undefined;
  // Every bool and every int32 survives the way through int64; only the way from bool survives through any type.
  const origin = inputAt(x, 0);
  const exact = origin.dtype === "bool" || (origin.dtype === "int32" && x.dtype === "int64");
  if (!exact) return undefined;
  return origin.dtype === node.dtype ? origin : { ...node, inputs: [origin] };
};

/** Transpose(Transpose(x)) is one; the identity is none; moving axes of extent 1 alone is a Reshape. */
export const transposeChain: Rule = (node) => {
  if (node.operator !== "Transpose") return undefined;
  const x = inputAt(node, 0);
  const permutation = intsAttribute(node, "perm") ?? [];
  const wide = permutation.filter((axis) => x.shape[axis] !== 1);
  if (wide.every((axis, i) => i === 0 || axis > (wide[i - 1] as number))) return reshape(x, node.shape);
  if (!isOperation(x, "Transpose")) return undefined;
  const inner = intsAttribute(x, "perm") ?? [];
  return transpose(
    inputAt(x, 0),
    permutation.map((axis) => inner[axis] as number),
  );
};

/** A reduction whose axes are put back afterwards keeps them in the first place. */
export const reshapeOfReduction: Rule = (node) => {
  const reduction = node.inputs[0];
  if (node.operator !== "Reshape" || reduction?.kind !== "operation") return undefined;
  if (!/^Reduce(Sum|Mean|Max|Min|SumSquare)$/.test(reduction.operator)) return undefined;
  if (intAttribute(reduction, "keepdims", 1) === 1) return undefined;
  const x = inputAt(reduction, 0);
  const axes = reducedAxes(reduction);
  const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  if (!sameShape(kept, node.shape)) return undefined;
  return reduce(reduction.operator as Parameters<typeof reduce>[0], x, axes, true);
};

/** Sums of sums over further axes are one sum. */
export const sumOfSum: Rule = (node) => {
  const inner = node.inputs[0];
  if (node.operator !== "ReduceSum" || !isOperation(inner, "ReduceSum")) return undefined;
  if (intAttribute(inner, "keepdims", 1) !== 1) return undefined;
  const axes = [...new Set([...reducedAxes(inner), ...reducedAxes(node)])].sort((a, b) => a - b);
  const keepDims = intAttribute(node, "keepdims", 1) === 1;
  const joined = reduce("ReduceSum", inputAt(inner, 0), axes, keepDims);
  return sameShape(joined.shape, node.shape) ? joined : undefined;
};

/** Σ x·x = ReduceSumSquare(x), and a mean of squares is that over their number: one pass and no product in memory. */
export const sumOfSquares: Rule = (node) => {
  if (node.operator !== "ReduceSum") return undefined;
  const square = node.inputs[0];
  if (!isOperation(square, "Mul") || square.inputs[0] !== square.inputs[1]) return undefined;
  const x = inputAt(square, 0);
  if (x.dtype !== "float32") return undefined;
  return reduce("ReduceSumSquare", x, reducedAxes(node), intAttribute(node, "keepdims", 1) === 1);
};

/** How many elements go into one of the result. */
export function reducedCount(node: Parameters<Rule>[0]): number {
  return sizeOf(inputAt(node, 0).shape) / sizeOf(node.shape);
}
