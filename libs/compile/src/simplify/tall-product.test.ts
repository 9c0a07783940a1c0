import { describe, expect, it } from "vitest";
import { values } from "../../test/fixtures.js";
import { expectClose, floats, runGraph, type Value } from "../../test/run-graph.js";
import { elements, matMul, transpose, transposeMatrix } from "../graph/build.js";
import { type Input, input, type Node, type Operation } from "../graph/node.js";
import { simplify } from "./simplify.js";
import { tallProduct } from "./tall-product.js";

const matrix = (name: string, ...shape: number[]) => input(name, "float32", shape);
const product = (a: Node, b: Node) => matMul(transposeMatrix(a), b);
const given = (...inputs: Input[]): Record<string, Value> =>
  Object.fromEntries(inputs.map((node, i) => [node.name, floats([...values(elements(node), i + 1)], node.shape)]));
const operators = (node: Node | undefined): string[] =>
  node?.kind === "operation" ? [node.operator, ...operators(node.inputs[0])] : [];

describe("a product of tall matrices", () => {
  const narrow = matrix("a", 1, 512, 32);
  const wide = matrix("b", 1, 512, 48);

  it.each<[string, Input, Input, string[]]>([
    ["copies the left one where it is the narrower", narrow, wide, ["MatMul", "Reshape", "Transpose", "Reshape"]],
    [
      "copies the right one where that is narrower",
      wide,
      narrow,
      ["Transpose", "MatMul", "Reshape", "Transpose", "Reshape"],
    ],
    [
      "takes each matrix of a stack apart",
      matrix("a", 2, 16, 64, 16),
      matrix("b", 2, 16, 64, 64),
      ["MatMul", "Reshape", "Transpose", "Reshape"],
    ],
    [
      "repeats the matrices of either side",
      matrix("a", 2, 1, 512, 32),
      matrix("b", 3, 512, 8),
      ["Transpose", "MatMul", "Reshape", "Transpose", "Reshape"],
    ],
  ])("%s, and stays equal", async (_, a, b, made) => {
    const node = product(a, b);
    const after = tallProduct(node) as Operation;
    expect(operators(after)).toEqual(made);
    expect(after.shape).toEqual(node.shape);
    const { before, now } = await runGraph({ before: node, now: after }, given(a, b));
    expectClose(now, before as Value, 1e-4);
    // What it made is left alone.
    const inner = operators(after)[0] === "Transpose" ? (after.inputs[0] as Operation) : after;
    expect(tallProduct(inner)).toBeUndefined();
  });

  it.each<[string, Operation]>([
    ["of few numbers", product(matrix("a", 1, 64, 32), matrix("b", 1, 64, 48))],
    ["of matrices that are not tall", product(matrix("a", 1, 256, 256), matrix("b", 1, 256, 10))],
    ["of an odd number of rows", product(matrix("a", 1, 1025, 64), matrix("b", 1, 1025, 64))],
    ["that is not transposed", matMul(matrix("a", 1, 32, 512), wide)],
    ["of another order of axes", matMul(transpose(matrix("a", 512, 1, 32), [1, 2, 0]), wide)],
  ])("%s stays", (_, node) => expect(tallProduct(node)).toBeUndefined());

  it("is what a step's graph gets", () => {
    const { y } = simplify({ y: product(narrow, wide) });
    expect(operators(y)).toEqual(["MatMul", "Reshape", "Transpose", "Reshape"]);
  });
});
