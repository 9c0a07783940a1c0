import { describe, expect, it } from "vitest";
import { values } from "../../test/fixtures.js";
import { expectClose, floats, runGraph, type Value } from "../../test/run-graph.js";
import { elements, elementwise, matMul, transposeMatrix } from "../graph/build.js";
import { input, type Node, type Outputs } from "../graph/node.js";
import { operations } from "../graph/traverse.js";
import { updatesAsGemm } from "./gemm-update.js";

const weights = input("w", "float32", [1, 256, 64]);
const [x, d] = [input("x", "float32", [1, 5, 256]), input("d", "float32", [1, 5, 64])];
const [turnedX, turnedD] = [input("u", "float32", [1, 256, 5]), input("e", "float32", [1, 64, 5])];
const subtract = (a: Node, b: Node) => elementwise("Sub", [a, b]);

const feeds: Readonly<Record<string, Value>> = Object.fromEntries(
  [weights, x, d, turnedX, turnedD].map((node, i) => [
    node.name,
    floats([...values(elements(node), 101 * i)], node.shape),
  ]),
);
const operators = (outputs: Outputs) => operations(outputs).map(({ operator }) => operator);

describe("an update as Gemm", () => {
  it.each<[string, Node]>([
    ["W − xᵀd", matMul(transposeMatrix(x), d)],
    ["W − xd", matMul(turnedX, d)],
    ["W − xdᵀ", matMul(turnedX, transposeMatrix(turnedD))],
    ["W − xᵀdᵀ", matMul(transposeMatrix(x), transposeMatrix(turnedD))],
  ])("has the values of %s", async (_, product) => {
    const before: Outputs = { next: subtract(weights, product) };
    const after = updatesAsGemm(before);
    expect(operators(after)).toContain("Gemm");
    expect(operators(after)).not.toContain("MatMul");
    expect(after.next?.shape).toEqual([1, 256, 64]);
    expectClose((await runGraph(after, feeds)).next, (await runGraph(before, feeds)).next as Value);
  });

  const product = matMul(transposeMatrix(x), d);
  const small = input("small", "float32", [1, 5, 64]);
  const cohort = input("cohort", "float32", [2, 256, 64]);
  const pair = matMul(input("pair", "float32", [2, 256, 5]), input("other", "float32", [2, 5, 64]));
  it.each<[string, Outputs]>([
    ["small parameters", { next: subtract(small, matMul(x, input("s", "float32", [1, 256, 64]))) }],
    ["cohorts of more than one trial", { next: subtract(cohort, pair) }],
    ["a product that something else reads", { next: subtract(weights, product), gradient: product }],
    ["a product from which the parameter is taken", { next: subtract(product, weights) }],
    ["parameters that broadcast", { next: subtract(input("row", "float32", [1, 1, 64]), product) }],
    ["sums", { next: elementwise("Add", [weights, product]) }],
  ])("is not made of %s", (_, outputs) => {
    expect(updatesAsGemm(outputs)).toEqual(outputs);
  });
});
