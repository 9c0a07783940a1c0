import { expand, matMul, reshape } from "../graph/build.js";
import { constant, intAttribute } from "../graph/node.js";
import { reducedAxes } from "./broadcasting.js";
import type { Rule } from "./rule.js";

/**
 * A sum over the rows of matrices is a product with a row of ones. ONNX Runtime's product reads the matrix once, in order;
 * its ReduceSum took 2 to 5 times as long for the gradient of a bias (`[1, 128, 256]`: 54 µs against 10 µs).
 */
export const columnSumAsProduct: Rule = (node) => {
  const x = node.inputs[0];
  if (node.operator !== "ReduceSum" || node.dtype !== "float32" || x === undefined || x.shape.length < 2)
    return undefined;
  const axes = reducedAxes(node);
  const rows = x.shape.length - 2;
  const columns = x.shape.at(-1) as number;
  if (axes.length !== 1 || axes[0] !== rows || columns < 8) return undefined;
  const ones = expand(constant(Float32Array.of(1), "float32", [1, 1]), [1, x.shape[rows] as number]);
  const product = matMul(ones, x);
  return intAttribute(node, "keepdims", 1) === 1 ? product : reshape(product, node.shape);
};
