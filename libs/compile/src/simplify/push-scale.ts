import { elementwise, reduce, reshape } from "../graph/build.js";
import {
  inputAt,
  intAttribute,
  intsAttribute,
  isOperation,
  type Node,
  type Operation,
  sameShape,
} from "../graph/node.js";
import { reducedAxes } from "./broadcasting.js";
import type { Rule } from "./rule.js";

/** One number a trial: `[K, 1, ..., 1]`. */
function isPerTrial(node: Node): boolean {
  return node.shape.length > 1 && node.shape.slice(1).every((extent) => extent === 1);
}

/**
 * s·(a·b) = a·(s·b) for a learning rate s `[K, 1, ...]` and anything linear: matrix products, sums, reshapes, masks. Where an
 * update multiplies every gradient with the rate, the factors meet at the loss's own gradient and become one product instead of
 * one a parameter. A second product with the same factor is shared; whether that pays shows only in the whole graph.
 */
export const pushScale: Rule = (node) => {
  if (node.operator !== "Mul" || node.dtype !== "float32") return undefined;
  const [a, b] = [inputAt(node, 0), inputAt(node, 1)];
  const scale = isPerTrial(a) ? a : isPerTrial(b) ? b : undefined;
  if (scale === undefined || (isPerTrial(a) && isPerTrial(b))) return undefined;
  const linear = scale === a ? b : a;
  return linear.kind === "operation" && sameShape(linear.shape, node.shape) ? scaleInside(linear, scale) : undefined;
};

function scaleInside(linear: Operation, scale: Node): Node | undefined {
  const scaled = (x: Node) => elementwise("Mul", [x, ofRank(scale, x.shape.length)]);
  const trials = scale.shape[0] as number;
  const perTrial = (x: Node) => x.shape.length > 1 && x.shape[0] === trials;
  switch (linear.operator) {
    case "MatMul": {
      const [a, b] = [inputAt(linear, 0), inputAt(linear, 1)];
      if (perTrial(b)) return { ...linear, inputs: [a, scaled(b)] };
      return perTrial(a) ? { ...linear, inputs: [scaled(a), b] } : undefined;
    }
    case "ReduceSum": {
      const x = inputAt(linear, 0);
      const axes = reducedAxes(linear);
      if (!perTrial(x) || axes.includes(0)) return undefined;
      return reduce("ReduceSum", scaled(x), axes, intAttribute(linear, "keepdims", 1) === 1);
    }
    case "Reshape": {
      const x = inputAt(linear, 0);
      return perTrial(x) ? reshape(scaled(x), linear.shape) : undefined;
    }
    case "Transpose": {
      const x = inputAt(linear, 0);
      const keepsTrials = intsAttribute(linear, "perm")?.[0] === 0;
      return keepsTrials && perTrial(x) ? { ...linear, inputs: [scaled(x)] } : undefined;
    }
    case "Mul": {
      const [a, b] = [inputAt(linear, 0), inputAt(linear, 1)];
      const gradient = [a, b].find((x) => carriesGradient(x) && sameShape(x.shape, linear.shape));
      if (gradient === undefined) return undefined;
      return elementwise("Mul", [gradient === a ? b : a, scaled(gradient)]);
    }
    default:
      return undefined;
  }
}

/** Where a product goes on to a matrix product, the chain of gradients goes there too. */
function carriesGradient(node: Node): boolean {
  return isOperation(node, "MatMul") || isOperation(node, "ReduceSum");
}

function ofRank(scale: Node, rank: number): Node {
  return reshape(scale, [scale.shape[0] as number, ...Array.from({ length: rank - 1 }, () => 1)]);
}
