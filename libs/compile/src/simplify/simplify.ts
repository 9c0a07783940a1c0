import { sizeOf } from "../cohort-arrays.js";
import { elements, expand, reshape } from "../graph/build.js";
import type { Node, Outputs } from "../graph/node.js";
import { inputAt } from "../graph/node.js";
import { mapNodes, operations } from "../graph/traverse.js";
import {
  divisionByConstant,
  meanToSum,
  mergeFactors,
  negationToFactor,
  neutralElement,
  scaleSmallerFactor,
  signOfTerm,
} from "./arithmetic.js";
import {
  expandIntoMatMul,
  expandOfExpand,
  expandThroughElementwise,
  reductionOfUnitAxes,
  sumOfExpand,
  tileToExpand,
  uniformThroughShapes,
} from "./broadcasting.js";
import { columnSumAsProduct } from "./column-sum.js";
import { foldConstants } from "./fold-constants.js";
import { rankOfNumber } from "./rank-of-number.js";
import type { Rule } from "./rule.js";
import { scaleOnce } from "./scale-once.js";
import { castChain, reshapeChain, reshapeOfReduction, sumOfSquares, sumOfSum, transposeChain } from "./shapes.js";
import { shareCommon } from "./share.js";
import { tallProduct } from "./tall-product.js";

/** Rules that always pay. */
const basic: readonly Rule[] = [
  foldConstants,
  reshapeChain,
  castChain,
  transposeChain,
  tileToExpand,
  expandOfExpand,
  expandThroughElementwise,
  expandIntoMatMul,
  uniformThroughShapes,
  reductionOfUnitAxes,
  reshapeOfReduction,
  sumOfSum,
  sumOfExpand,
  meanToSum,
  divisionByConstant,
  neutralElement,
  negationToFactor,
  signOfTerm,
  mergeFactors,
  sumOfSquares,
];

/** Rules that settle where a factor ends up; they run once those above have nothing left to do. */
const placing: readonly Rule[] = [scaleSmallerFactor];
const lowering: readonly Rule[] = [tallProduct, columnSumAsProduct, rankOfNumber];

const mostPasses = 100;

/** An equal graph that costs less: the same outputs to rounding. What no output needs is gone, as nothing reaches it. */
export function simplify(outputs: Outputs): Outputs {
  const plain = settle(outputs, basic);
  const [placed, scaledOnce] = [place(plain), place(settle(scaleOnce(plain), basic))];
  return settle(cost(scaledOnce) < cost(placed) ? scaledOnce : placed, lowering);
}

function place(outputs: Outputs): Outputs {
  return settle(outputs, [...basic.filter((rule) => rule !== mergeFactors), ...placing]);
}

/** Applies rules until none applies. */
export function settle(outputs: Outputs, rules: readonly Rule[]): Outputs {
  let current = shareCommon(outputs);
  for (let pass = 0; pass < mostPasses; pass++) {
    const next = shareCommon(mapNodes(current, (node) => rewrite(node, rules)));
    if (Object.entries(next).every(([name, node]) => current[name] === node)) return next;
    current = next;
  }
  throw new Error(`simplification did not settle in ${mostPasses} passes`);
}

function rewrite(node: Node, rules: readonly Rule[]): Node {
  if (node.kind !== "operation") return node;
  for (const rule of rules) {
    const better = rule(node);
    if (better !== undefined) return withShape(better, node.shape);
  }
  return node;
}

/** A constant `[1, 1]` that went may have been what gave the result its rank. */
function withShape(node: Node, shape: readonly number[]): Node {
  return elements(node) === sizeOf(shape) ? reshape(node, shape) : expand(node, shape);
}

/** Elements that could be moved in the time that one operator needs to start. */
const startCost = 4000;

/** Rough time of a graph, counted in elements read and written; a matrix product does about 16 multiplications for each. */
export function cost(outputs: Outputs): number {
  return operations(outputs).reduce((sum, node) => {
    const free = node.operator === "Reshape" || node.operator === "Transpose";
    const moved = free ? 0 : node.inputs.reduce((read, below) => read + elements(below), elements(node));
    const multiplied = node.operator === "MatMul" ? (elements(node) * (inputAt(node, 0).shape.at(-1) ?? 1)) / 16 : 0;
    return sum + startCost + moved + multiplied;
  }, 0);
}
