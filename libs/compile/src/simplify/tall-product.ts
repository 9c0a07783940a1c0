import { elements, matMul, reshape, transpose, transposeMatrix } from "../graph/build.js";
import { inputAt, intsAttribute, isOperation, type Node, type Operation } from "../graph/node.js";
import type { Rule } from "./rule.js";

/** Below, one more operator costs more than it saves. */
const fewestElements = 16_384;

/**
 * Aᵀ B of tall matrices `[…, R, m]` and `[…, R, n]`, R even and at least 2 m, as the product of a transposed copy. ONNX Runtime joins Transpose and
 * product, and then copies A again for every panel of B. The narrower of the two is copied: Aᵀ B = (Bᵀ A)ᵀ.
 */
export const tallProduct: Rule = (node) => {
  if (node.operator !== "MatMul") return undefined;
  const [left, b] = [inputAt(node, 0), inputAt(node, 1)];
  if (!isOperation(left, "Transpose") || !swapsMatrix(left)) return undefined;
  const a = inputAt(left, 0);
  const [rows, m, n] = [a.shape.at(-2) as number, a.shape.at(-1) as number, b.shape.at(-1) as number];
  if (rows % 2 !== 0 || rows < 2 * m || elements(a) < fewestElements) return undefined;
  return n < m ? transposeMatrix(matMul(transposedCopy(b), a)) : matMul(transposedCopy(a), b);
};

function swapsMatrix(node: Operation): boolean {
  const permutation = intsAttribute(node, "perm") ?? [];
  const rank = permutation.length;
  return rank >= 2 && permutation.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i));
}

/** With its rows in two parts, that a Reshape joins: it keeps the Transpose apart from the product. */
function transposedCopy(x: Node): Node {
  const [leading, rows, columns] = [x.shape.slice(0, -2), x.shape.at(-2) as number, x.shape.at(-1) as number];
  const axes = leading.map((_, axis) => axis);
  const rank = leading.length;
  const parts = reshape(x, [...leading, 2, rows / 2, columns]);
  return reshape(transpose(parts, [...axes, rank + 2, rank, rank + 1]), [...leading, columns, rows]);
}
