import { describe, expect, it } from "vitest";
import { floats, runGraph, type Value } from "../../test/run-graph.js";
import { elementwise, expand } from "../graph/build.js";
import { constantOf, input, type Node, type Outputs, operation, scalar } from "../graph/node.js";
import { inputsOf, writeNodes } from "./model.js";

const x = input("x", "float32", [3]);
const double = elementwise("Mul", [x, scalar(2)]);
const negative = operation("Neg", [double], { shape: [3] });
const six = constantOf([6, 6, 6], "float32", [3]);

describe("writing a graph", () => {
  it.each<[string, Outputs, Record<string, Value>]>([
    ["an input", { a: x }, { a: floats([1, 2, 3]) }],
    ["an input twice", { a: x, b: x }, { a: floats([1, 2, 3]), b: floats([1, 2, 3]) }],
    ["a constant twice", { a: six, b: six }, { a: floats([6, 6, 6]), b: floats([6, 6, 6]) }],
    ["a number", { a: scalar(5) }, { a: floats([5], []) }],
    ["one value under two names", { a: double, b: double }, { a: floats([2, 4, 6]), b: floats([2, 4, 6]) }],
    ["a value and what comes of it", { a: negative, b: double }, { a: floats([-2, -4, -6]), b: floats([2, 4, 6]) }],
    ["the same the other way round", { a: double, b: negative }, { a: floats([2, 4, 6]), b: floats([-2, -4, -6]) }],
    ["a repeated number", { a: expand(scalar(7), [2, 2]) }, { a: floats([7, 7, 7, 7], [2, 2]) }],
  ])("gives out %s", async (_, outputs, expected) => {
    expect(await runGraph(outputs, { x: floats([1, 2, 3]) })).toEqual(expected);
  });

  it("writes every value once, whoever reads it, under one name", () => {
    const { nodes, initializers } = writeNodes({ sum: elementwise("Add", [double, negative]), double }, "v");
    expect(nodes.map(({ operator }) => operator)).toEqual(["Mul", "Neg", "Add"]);
    const names = [...nodes.flatMap(({ outputs }) => outputs), ...initializers.map(({ name }) => name)];
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(["sum", "double"]));
  });

  it("writes small repeated numbers out, and leaves large ones to the runtime", () => {
    const written = (node: Node) => writeNodes({ y: operation("Neg", [node], { shape: node.shape }) }, "v");
    expect(written(expand(scalar(1), [256, 256])).nodes.map(({ operator }) => operator)).toEqual(["Neg"]);
    expect(written(expand(scalar(1), [256, 257])).nodes.map(({ operator }) => operator)).toEqual(["Expand", "Neg"]);
  });

  it("asks for the inputs that it reads", () => {
    expect(inputsOf({ y: elementwise("Add", [x, input("z", "float32", [])]) }).map(({ name }) => name)).toEqual([
      "x",
      "z",
    ]);
    expect(inputsOf({ y: six })).toEqual([]);
  });
});
