import { sizeOf } from "../cohort-arrays.js";
import { broadcastShape, expand, matMul, reduce, reshape } from "../graph/build.js";
import {
  inputAt,
  intAttribute,
  intsAttribute,
  isOperation,
  type Node,
  type Operation,
  operation,
  sameShape,
  scalar,
} from "../graph/node.js";
import type { Rule } from "./rule.js";

/** Operators that work element by element and broadcast their operands. */
export const elementwiseOperators: ReadonlySet<string> = new Set(
  "Add Sub Mul Div Pow Max Min Mod Where Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor Cast Abs Ceil Clip Elu Erf Exp Floor HardSigmoid IsInf IsNaN LeakyRelu Log Neg Not Reciprocal Relu Round Selu Sigmoid Sign Softplus Sqrt Tanh Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh".split(
    " ",
  ),
);

/** Tile of axes of extent 1 alone is Expand. */
export const tileToExpand: Rule = (node) => {
  if (node.operator !== "Tile") return undefined;
  const x = inputAt(node, 0);
  const repeats = x.shape.every((extent, i) => extent === 1 || extent === node.shape[i]);
  return repeats ? expand(x, node.shape) : undefined;
};

/**
 * An elementwise operator broadcasts by itself: op(Expand(a), b) = op(a, b), or Expand(op(a, b)) where nothing else has the
 * full shape.
 */
export const expandThroughElementwise: Rule = (node) => {
  if (!elementwiseOperators.has(node.operator)) return undefined;
  if (!node.inputs.some((below) => isOperation(below, "Expand"))) return undefined;
  const inputs = node.inputs.map((below) => (isOperation(below, "Expand") ? inputAt(below, 0) : below));
  const shape = broadcastShape(...inputs.map((operand) => operand.shape));
  return expand({ ...node, inputs, shape }, node.shape);
};

/** Expand(Expand(x)) = Expand(x); Expand to the shape that is there already does nothing. */
export const expandOfExpand: Rule = (node) => {
  if (node.operator !== "Expand") return undefined;
  const x = inputAt(node, 0);
  if (sameShape(x.shape, node.shape)) return x;
  return isOperation(x, "Expand") ? expand(inputAt(x, 0), node.shape) : undefined;
};

/** A repeated single number keeps being one: Reshape, Transpose, Slice and Gather of it are Expand. */
export const uniformThroughShapes: Rule = (node) => {
  if (!["Reshape", "Transpose", "Slice", "Tile"].includes(node.operator)) return undefined;
  const x = inputAt(node, 0);
  if (!isOperation(x, "Expand")) return undefined;
  const number = inputAt(x, 0);
  return sizeOf(number.shape) === 1 ? expand(reshape(number, []), node.shape) : undefined;
};

/** MatMul broadcasts its leading axes by itself. */
export const expandIntoMatMul: Rule = (node) => {
  if (node.operator !== "MatMul") return undefined;
  const inputs = node.inputs.map((below) => withoutLeadingExpand(below));
  if (inputs.every((below, i) => below === node.inputs[i])) return undefined;
  const [a, b] = inputs as [Node, Node];
  const product = matMul(a, b);
  return sameShape(product.shape, node.shape) ? product : undefined;
};

function withoutLeadingExpand(node: Node): Node {
  if (!isOperation(node, "Expand")) return node;
  const x = inputAt(node, 0);
  return x.shape.length >= 2 && sameShape(x.shape.slice(-2), node.shape.slice(-2)) ? x : node;
}

/** The sum of a number repeated n times is n times that number. */
export const sumOfExpand: Rule = (node) => {
  if (node.operator !== "ReduceSum" || node.dtype !== "float32") return undefined;
  const x = inputAt(node, 0);
  if (!isOperation(x, "Expand") || sizeOf(inputAt(x, 0).shape) !== 1) return undefined;
  const count = sizeOf(x.shape) / sizeOf(node.shape);
  const number = reshape(inputAt(x, 0), []);
  return expand(operation("Mul", [number, scalar(count)], { shape: [] }), node.shape);
};

/** Axes that a node reduces over. */
export function reducedAxes(node: Operation): readonly number[] {
  const given = node.inputs[1];
  if (given?.kind === "constant") return [...given.values];
  return intsAttribute(node, "axes") ?? inputAt(node, 0).shape.map((_, axis) => axis);
}

/** Reductions over axes of extent 1 only change the shape. */
export const reductionOfUnitAxes: Rule = (node) => {
  if (!["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"].includes(node.operator)) return undefined;
  const x = inputAt(node, 0);
  const axes = reducedAxes(node);
  const wide = axes.filter((axis) => x.shape[axis] !== 1);
  if (wide.length === 0) return reshape(x, node.shape);
  if (wide.length === axes.length || intAttribute(node, "keepdims", 1) === 0) return undefined;
  return reduce(node.operator as Parameters<typeof reduce>[0], x, wide, true);
};
