import { describe, expect, it } from "vitest";
import { elementwise } from "../graph/build.js";
import { constantOf, input, type Node, type Operation, operation, scalar } from "../graph/node.js";
import { rankOfNumber } from "./rank-of-number.js";
import { simplify } from "./simplify.js";

const columns = input("columns", "float32", [2, 5, 1]);
const rows = input("rows", "float32", [2, 5, 3]);
const shapesOf = (node: Node | undefined) => (node as Operation | undefined)?.inputs.map(({ shape }) => shape);

describe("a number", () => {
  it.each<[string, Operation, number[][]]>([
    [
      "beside columns",
      elementwise("Add", [columns, scalar(2)]),
      [
        [2, 5, 1],
        [1, 1, 1],
      ],
    ],
    [
      "before columns",
      elementwise("Sub", [constantOf([2], "float32", [1]), columns]),
      [
        [1, 1, 1],
        [2, 5, 1],
      ],
    ],
    [
      "as a choice",
      elementwise("Where", [input("c", "bool", [2, 5, 1]), columns, scalar(0)], "float32"),
      [
        [2, 5, 1],
        [2, 5, 1],
        [1, 1, 1],
      ],
    ],
  ])("%s gets their rank, and keeps its value", (_, node, shapes) => {
    const after = rankOfNumber(node);
    expect(shapesOf(after)).toEqual(shapes);
    expect(after).toMatchObject({ operator: node.operator, shape: node.shape, dtype: node.dtype });
    const number = (after as Operation).inputs.find((below) => below.kind === "constant");
    expect(number).toMatchObject({ values: node.inputs.find((below) => below.kind === "constant")?.values });
    expect(rankOfNumber(after as Operation)).toBeUndefined();
  });

  it.each<[string, Operation]>([
    ["beside longer rows", elementwise("Add", [rows, scalar(2)])],
    ["beside a single number", elementwise("Add", [input("one", "float32", [1, 1]), scalar(2)])],
    ["that bounds columns", operation("Clip", [columns, scalar(0), scalar(6)], { shape: columns.shape })],
    ["that is no constant", elementwise("Add", [columns, input("x", "float32", [])])],
  ])("%s stays", (_, node) => expect(rankOfNumber(node)).toBeUndefined());

  it("gets it last, when factors have merged", () => {
    const { y } = simplify({ y: elementwise("Mul", [elementwise("Mul", [columns, scalar(2)]), scalar(3)]) });
    expect(y).toMatchObject({ operator: "Mul", inputs: [columns, { values: Float32Array.of(6), shape: [1, 1, 1] }] });
  });
});
