import { describe, expect, it } from "vitest";
import { concat, elementwise, reduce, transpose } from "../graph/build.js";
import { constantOf, input, type Node, scalar } from "../graph/node.js";
import { sameGraph } from "./same-graph.js";

const x = () => input("x", "float32", [2, 2]);
const same = (a: Node, b: Node) => sameGraph({ y: a }, { y: b });

describe("two graphs are the same", () => {
  it.each<[string, () => Node]>([
    ["inputs of one name", x],
    ["operations on equal inputs", () => elementwise("Add", [x(), scalar(2)])],
    ["constants that are not numbers", () => scalar(Number.NaN)],
    ["reductions over the same axes", () => reduce("ReduceMax", x(), [1], true)],
  ])("when they are built alike: %s", (_, build) => expect(same(build(), build())).toBe(true));

  it.each<[string, Node, Node]>([
    ["names", x(), input("z", "float32", [2, 2])],
    ["shapes", x(), input("x", "float32", [4])],
    ["types", x(), input("x", "int32", [2, 2])],
    ["constants", scalar(1), scalar(1 + 2 ** -23)],
    ["signs of zero", scalar(0), scalar(-0)],
    ["kinds", scalar(1), input("x", "float32", [])],
    ["operators", elementwise("Add", [x(), x()]), elementwise("Mul", [x(), x()])],
    ["attributes", transpose(x(), [0, 1]), transpose(x(), [1, 0])],
    ["numbers of inputs", concat([x(), x()], 0), concat([x(), constantOf([], "float32", [0, 2]), x()], 0)],
    ["orders of inputs", elementwise("Sub", [x(), scalar(1)]), elementwise("Sub", [scalar(1), x()])],
  ])("but not with other %s", (_, a, b) => expect(same(a, b)).toBe(false));

  it("nor with other outputs", () => {
    expect(sameGraph({ y: x() }, { z: x() })).toBe(false);
    expect(sameGraph({ y: x() }, { y: x(), z: x() })).toBe(false);
  });
});
