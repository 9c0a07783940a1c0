import { elements, elementwise, expand, reduce } from "../graph/build.js";
import { inputAt, intAttribute, isOperation, type Node, scalar } from "../graph/node.js";
import { reducedAxes } from "./broadcasting.js";
import { constantScalar, isModest, isNormal, type Rule, scalarValue } from "./rule.js";
import { reducedCount } from "./shapes.js";

const multiply = (a: Node, b: Node) => elementwise("Mul", [a, b]);

/** x·1, x/1, x+0, x−0 and x¹ are x. (0·x stays: it is NaN where x is not finite.) */
export const neutralElement: Rule = (node) => {
  const neutral: Readonly<Record<string, number>> = { Mul: 1, Div: 1, Add: 0, Sub: 0, Pow: 1 };
  const value = neutral[node.operator];
  if (value === undefined) return undefined;
  const [a, b] = [inputAt(node, 0), inputAt(node, 1)];
  if (scalarValue(b) === value) return expand(a, node.shape);
  const commutes = node.operator === "Mul" || node.operator === "Add";
  return commutes && scalarValue(a) === value ? expand(b, node.shape) : undefined;
};

/** x / c = x · (1/c): products with constants merge, quotients do not. Not where 1/c leaves the range of float32. */
export const divisionByConstant: Rule = (node) => {
  const divisor = scalarValue(node.inputs[1]);
  if (node.operator !== "Div" || node.dtype !== "float32" || divisor === undefined) return undefined;
  if (!isNormal(1 / divisor)) return undefined;
  return multiply(inputAt(node, 0), scalar(1 / divisor));
};

/** The mean is the sum over their number: the factor then merges with others. */
export const meanToSum: Rule = (node) => {
  if (node.operator !== "ReduceMean" || reducedCount(node) === 0) return undefined;
  const sum = reduce("ReduceSum", inputAt(node, 0), reducedAxes(node), intAttribute(node, "keepdims", 1) === 1);
  return multiply(sum, scalar(1 / reducedCount(node)));
};

/** Signs become factors: −x = −1·x merges with other products. */
export const negationToFactor: Rule = (node) => {
  if (node.operator !== "Neg" || node.dtype !== "float32") return undefined;
  const x = inputAt(node, 0);
  return isOperation(x, "Mul") ? multiply(x, scalar(-1)) : undefined;
};

/** a + (−b) = a − b, a − (−b) = a + b, and a + (−1·b), which is how a sign arrives. */
export const signOfTerm: Rule = (node) => {
  if (node.operator !== "Add" && node.operator !== "Sub") return undefined;
  const [a, b] = [inputAt(node, 0), inputAt(node, 1)];
  const flipped = node.operator === "Add" ? "Sub" : "Add";
  const opposite = withoutSign(b);
  if (opposite !== undefined) return elementwise(flipped, [a, opposite]);
  const first = node.operator === "Add" ? withoutSign(a) : undefined;
  return first === undefined ? undefined : elementwise("Sub", [b, first]);
};

function withoutSign(node: Node): Node | undefined {
  if (isOperation(node, "Neg")) return inputAt(node, 0);
  if (!isOperation(node, "Mul")) return undefined;
  const { scaled, factor } = scaledByConstant(node) ?? {};
  return factor === -1 ? scaled : undefined;
}

/** c and x of a product c·x with a constant number c. */
export function scaledByConstant(node: Node): { scaled: Node; factor: number } | undefined {
  if (!isOperation(node, "Mul")) return undefined;
  const [a, b] = [inputAt(node, 0), inputAt(node, 1)];
  const [left, right] = [scalarValue(a), scalarValue(b)];
  if (right !== undefined) return { scaled: a, factor: right };
  return left === undefined ? undefined : { scaled: b, factor: left };
}

/**
 * (x·c)·d = x·(c·d) for constant numbers, and (x·c)·y = (x·y)·c: factors gather outside, where they merge. Not where c·d leaves
 * the range of float32, nor for a c that may be there to keep x·y inside.
 */
export const mergeFactors: Rule = (node) => {
  if (node.operator !== "Mul" || node.dtype !== "float32") return undefined;
  const outer = scaledByConstant(node);
  if (outer !== undefined) {
    const inner = scaledByConstant(outer.scaled);
    if (inner === undefined || !isNormal(inner.factor * outer.factor)) return undefined;
    return multiply(inner.scaled, scalar(inner.factor * outer.factor));
  }
  const [a, b] = [inputAt(node, 0), inputAt(node, 1)];
  const inner = a === b ? undefined : (scaledByConstant(a) ?? scaledByConstant(b));
  if (inner === undefined || !isModest(inner.factor)) return undefined;
  const other = inner.scaled === scaledByConstant(a)?.scaled ? b : a;
  return multiply(multiply(inner.scaled, other), scalar(inner.factor));
};

/** c·(x·y): the constant goes to the smaller factor, if that is smaller than the product. Runs after factors have merged. */
export const scaleSmallerFactor: Rule = (node) => {
  if (node.dtype !== "float32") return undefined;
  const outer = scaledByConstant(node);
  if (outer === undefined || !isModest(outer.factor) || !isOperation(outer.scaled, "Mul")) return undefined;
  const [a, b] = [inputAt(outer.scaled, 0), inputAt(outer.scaled, 1)];
  const [small, large] = elements(a) <= elements(b) ? [a, b] : [b, a];
  if (elements(small) >= elements(node) || constantScalar(small) !== undefined) return undefined;
  return multiply(large, multiply(small, scalar(outer.factor)));
};
