import { elements } from "../graph/build.js";
import { type Constant, constant, type Node } from "../graph/node.js";
import { elementwiseOperators } from "./broadcasting.js";
import { constantScalar, type Rule } from "./rule.js";

/**
 * A number beside columns `[..., 1]` gets as many axes. ONNX Runtime repeats a number of fewer axes along the last one, which is 1 long
 * here: it took 17 µs for `[1, 1024, 1]` and `[]`, and 5 for `[1, 1024, 1]` and `[1, 1, 1]`.
 */
export const rankOfNumber: Rule = (node) => {
  // Clip takes its bounds without axes.
  if (!elementwiseOperators.has(node.operator) || node.operator === "Clip") return undefined;
  const rank = node.shape.length;
  const besideColumns = node.inputs.some(({ shape }) => shape.length === rank && shape.at(-1) === 1);
  if (!besideColumns || elements(node) === 1 || !node.inputs.some((below) => isShort(below, rank))) return undefined;
  return { ...node, inputs: node.inputs.map((below) => (isShort(below, rank) ? withRank(below, rank) : below)) };
};

function isShort(node: Node, rank: number): node is Constant {
  return constantScalar(node) !== undefined && node.shape.length < rank;
}

function withRank({ values, dtype }: Constant, rank: number): Constant {
  return constant(values, dtype, Array(rank).fill(1));
}
