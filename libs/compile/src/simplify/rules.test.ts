import { describe, expect, it } from "vitest";
import { floats, runGraph } from "../../test/run-graph.js";
import { cast, elementwise, expand, gather, matMul, reduce, reshape, slice, transpose } from "../graph/build.js";
import { constantOf, input, integers, type Node, operation, scalar } from "../graph/node.js";
import { operations } from "../graph/traverse.js";
import { simplify } from "./simplify.js";

const x = input("x", "float32", [2, 3]);
const y = input("y", "float32", [2, 3]);
const row = input("row", "float32", [1, 3]);
const number = input("number", "float32", []);
const matrix = input("matrix", "float32", [1, 3, 5]);
const cube = input("cube", "float32", [2, 3, 5]);
const whole = input("whole", "int32", [2, 3]);
const truths = input("truths", "bool", [2, 3]);

const binary = (operator: string) => (a: Node, b: Node) => elementwise(operator, [a, b]);
const [add, subtract, multiply, divide] = ["Add", "Sub", "Mul", "Div"].map(binary) as [Op, Op, Op, Op];
type Op = (a: Node, b: Node) => Node;
const negate = (a: Node) => operation("Neg", [a], { shape: a.shape });
const tanh = (a: Node) => operation("Tanh", [a], { shape: a.shape });
const tile = (a: Node, repeats: readonly number[]) =>
  operation("Tile", [a, integers(repeats)], { shape: a.shape.map((extent, i) => extent * (repeats[i] as number)) });
const sum = (a: Node, axes: readonly number[], keepDims = false) => reduce("ReduceSum", a, axes, keepDims);

/** Operators from the inputs up. */
const operators = (y: Node) => operations({ y }).map(({ operator }) => operator);

describe.each<{ rule: string; cases: [string, Node, before: number, after: string[]][] }>([
  {
    rule: "constants",
    cases: [
      ["2 · 3", multiply(scalar(2), scalar(3)), 1, []],
      [
        "√4 + tanh 0, reshaped",
        reshape(add(operation("Sqrt", [scalar(4)], { shape: [] }), tanh(scalar(0))), [1]),
        4,
        [],
      ],
      [
        "[1, 2, 3] − [[1], [2]]",
        subtract(constantOf([1, 2, 3], "float32", [3]), constantOf([1, 2], "float32", [2, 1])),
        1,
        [],
      ],
      ["x · 2 · 3", multiply(multiply(x, scalar(2)), scalar(3)), 2, ["Mul"]],
    ],
  },
  {
    rule: "neutral elements",
    cases: [
      ["x · 1 / 1 + 0 − 0", subtract(add(divide(multiply(x, scalar(1)), scalar(1)), scalar(0)), scalar(0)), 4, []],
      ["0 + x", add(scalar(0), x), 1, []],
      ["x¹", elementwise("Pow", [x, scalar(1)]), 1, []],
      ["0 · x stays, as it may be NaN", multiply(scalar(0), x), 1, ["Mul"]],
      ["0 − x stays", subtract(scalar(0), x), 1, ["Sub"]],
      ["1 / x stays", divide(scalar(1), x), 1, ["Div"]],
      ["number · ones of a shape", multiply(number, expand(scalar(1), [2, 3])), 2, ["Expand"]],
    ],
  },
  {
    rule: "factors",
    cases: [
      ["x / 4 / 8", divide(divide(x, scalar(4)), scalar(8)), 2, ["Mul"]],
      ["x / 0 stays", divide(x, scalar(0)), 1, ["Div"]],
      ["(3x) · (5y)", multiply(multiply(scalar(3), x), multiply(scalar(5), y)), 3, ["Mul", "Mul"]],
      ["the mean over one half", divide(reduce("ReduceMean", x, [0, 1], false), scalar(0.5)), 2, ["ReduceSum", "Mul"]],
      ["−(2x)", negate(multiply(x, scalar(2))), 2, ["Mul"]],
      ["x + (−y)", add(x, negate(y)), 2, ["Sub"]],
      ["−x + y", add(negate(x), y), 2, ["Sub"]],
      ["x − (−1 · y)", subtract(x, multiply(scalar(-1), y)), 2, ["Add"]],
      ["2 · (x · number) scales the number", multiply(scalar(2), multiply(x, number)), 2, ["Mul", "Mul"]],
    ],
  },
  {
    rule: "shapes",
    cases: [
      ["two reshapes", reshape(reshape(x, [6]), [3, 2]), 2, ["Reshape"]],
      ["there and back", reshape(reshape(x, [6]), [2, 3]), 2, []],
      ["two transpositions that cancel", transpose(transpose(x, [1, 0]), [1, 0]), 2, []],
      ["two transpositions", transpose(transpose(cube, [1, 2, 0]), [1, 2, 0]), 2, ["Transpose"]],
      ["a transposition of an extent 1", transpose(row, [1, 0]), 1, ["Reshape"]],
      ["bool to float to int", cast(cast(truths, "float32"), "int32"), 2, ["Cast"]],
      ["bool to int to bool", cast(cast(truths, "int32"), "bool"), 2, []],
      ["int to float to int stays", cast(cast(whole, "float32"), "int32"), 2, ["Cast", "Cast"]],
    ],
  },
  {
    rule: "repetition",
    cases: [
      ["tiles of extent 1", tile(row, [4, 1]), 1, ["Expand"]],
      ["other tiles stay", tile(x, [2, 1]), 1, ["Tile"]],
      ["two expansions", expand(expand(number, [3]), [2, 3]), 2, ["Expand"]],
      ["x + repeated row", add(x, expand(row, [2, 3])), 2, ["Add"]],
      ["tanh of a repeated row", tanh(expand(row, [2, 3])), 2, ["Tanh", "Expand"]],
      [
        "a product with a repeated matrix",
        matMul(input("a", "float32", [4, 2, 3]), expand(matrix, [4, 3, 5])),
        2,
        ["MatMul"],
      ],
      ["a repeated number, cut", add(slice(expand(number, [5, 3]), [1, 0], [2, 3]), x), 3, ["Add"]],
      ["a sum of a repeated number", sum(expand(number, [2, 3]), [0]), 2, ["Mul", "Expand"]],
    ],
  },
  {
    rule: "reductions",
    cases: [
      ["over extents of 1", sum(row, [0]), 1, ["Reshape"]],
      ["over extents of 1 and others", sum(row, [0, 1], true), 1, ["ReduceSum"]],
      ["axes put back", reshape(reduce("ReduceMax", x, [1], false), [2, 1]), 2, ["ReduceMax"]],
      ["a sum of sums", sum(sum(x, [0], true), [0, 1]), 2, ["ReduceSum"]],
      ["a sum of squares", sum(multiply(x, x), [1]), 2, ["ReduceSumSquare"]],
      ["a sum of whole squares stays", sum(multiply(whole, whole), [1]), 2, ["Mul", "ReduceSum"]],
      ["a sum of products stays", sum(multiply(x, y), [1]), 2, ["Mul", "ReduceSum"]],
    ],
  },
  {
    rule: "column sums are products with ones",
    cases: [
      ["8 columns", sum(input("wide", "float32", [2, 5, 8]), [1], true), 1, ["Expand", "MatMul"]],
      ["7 columns stay", sum(input("wide", "float32", [2, 5, 7]), [1], true), 1, ["ReduceSum"]],
      ["rows stay", sum(input("wide", "float32", [2, 8, 8]), [2], true), 1, ["ReduceSum"]],
    ],
  },
  {
    rule: "common parts",
    cases: [
      ["x·y + y·x", add(multiply(x, y), multiply(y, x)), 3, ["Mul", "Add"]],
      ["(x − y) · (x − y)", multiply(subtract(x, y), subtract(x, y)), 3, ["Sub", "Mul"]],
      ["(x − y) · (y − x) stays", multiply(subtract(x, y), subtract(y, x)), 3, ["Sub", "Sub", "Mul"]],
      ["gathers of equal constants", add(pick([0, 2]), pick([0, 2])), 3, ["Gather", "Add"]],
      ["gathers of other constants stay", add(pick([0, 2]), pick([2, 0])), 3, ["Gather", "Gather", "Add"]],
    ],
  },
])("$rule", ({ cases }) => {
  it.each(cases)("%s", (_, node, before, after) => {
    expect(operators(node)).toHaveLength(before);
    const simplified = simplify({ y: node }).y as Node;
    expect(operators(simplified)).toEqual(after);
    expect([simplified.dtype, simplified.shape]).toEqual([node.dtype, node.shape]);
  });
});

function pick(indices: readonly number[]): Node {
  return gather(x, constantOf(indices, "int32", [indices.length]), 1);
}

describe("a simplified graph stays inside the range of float32", () => {
  const one = constantOf([-1], "float32", [1, 1]);
  const vector = input("x", "float32", [3]);
  it.each<[string, Node, number[], number[]]>([
    ["x / 3·10³⁸, of which the inverse is denormal", divide(vector, scalar(3e38)), [3e38, 0, -3e38], [1, 0, -1]],
    ["x · 10³⁰ · 10³⁰", multiply(multiply(vector, scalar(1e30)), scalar(1e30)), [0, 1e-30, 1e-35], [0, 1e30, 1e25]],
    ["x · 10⁻³⁰ · 10⁻³⁰", multiply(multiply(vector, scalar(1e-30)), scalar(1e-30)), [0, 1e30, 1e35], [0, 1e-30, 1e-25]],
    ["(x · 10⁻³⁰) · x", multiply(multiply(vector, scalar(1e-30)), vector), [0, 1e30, 1e25], [0, 1e30, 1e20]],
    ["0 · x", multiply(scalar(0), vector), [1, Infinity, Number.NaN], [0, Number.NaN, Number.NaN]],
    ["x − x", subtract(vector, vector), [1, Infinity, Number.NaN], [0, Number.NaN, Number.NaN]],
    ["x / x", divide(vector, vector), [2, Infinity, 0], [1, Number.NaN, Number.NaN]],
    ["cast(x > 0)", above(vector), [1, -Infinity, Number.NaN], [1, 0, 0]],
  ])("%s", async (_, y, given, expected) => {
    const read = (await runGraph(simplify({ y }), { x: floats(given) })).y?.values ?? [];
    expected.forEach((value, i) => {
      if (Number.isFinite(value))
        expect(Math.abs((read[i] as number) - value)).toBeLessThanOrEqual(1e-6 * Math.abs(value));
      else expect(read[i]).toBe(value);
    });
  });

  it.each([
    ["x / [[−1]]", divide(vector, one)],
    ["x + x · [[−1]]", add(vector, multiply(vector, one))],
    ["x · [[−1]] · [[−1]]", multiply(multiply(vector, one), one)],
  ])("and keeps the rank of %s", async (_, y) => {
    const simplified = simplify({ y });
    expect(simplified.y?.shape).toEqual([1, 3]);
    expect((await runGraph(simplified, { x: floats([1, 2, 3]) })).y?.shape).toEqual([1, 3]);
  });
});

function above(a: Node): Node {
  return cast(elementwise("Greater", [a, scalar(0)], "bool"), "float32");
}
