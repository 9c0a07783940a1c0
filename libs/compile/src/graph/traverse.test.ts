import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computations } from "../../test/expressions.js";
import { elementwise } from "./build.js";
import { input, type Node, operation } from "./node.js";
import { inOrder, mapNodes, operations } from "./traverse.js";

const x = input("x", "float32", [2]);
const square = elementwise("Mul", [x, x]);
const sum = elementwise("Add", [square, x]);

describe("the order of a graph", () => {
  it("has inputs before their users, each node once, and nothing that no output needs", () => {
    fc.assert(
      fc.property(computations, (nodes) => {
        const order = inOrder(nodes.slice(-2));
        const places = new Map(order.map((node, i) => [node, i]));
        expect(places.size).toBe(order.length);
        for (const [node, place] of places) {
          const below = node.kind === "operation" ? node.inputs : [];
          for (const one of below) expect(places.get(one)).toBeLessThan(place);
        }
      }),
    );
  });

  it("is found in graphs of any depth", () => {
    let deep: Node = x;
    for (let i = 0; i < 50_000; i++) deep = operation("Neg", [deep], { shape: x.shape });
    expect(operations({ deep })).toHaveLength(50_000);
  });
});

describe("rebuilding a graph", () => {
  it("keeps nodes that nothing changed below", () => {
    const outputs = { sum, square };
    expect(mapNodes(outputs, (node) => node)).toEqual(outputs);
    expect(mapNodes(outputs, (node) => node).sum).toBe(sum);
  });

  it("hands a node over with its inputs rebuilt, and as it was", () => {
    const y = input("y", "float32", [2]);
    const seen: [Node, Node][] = [];
    const { next } = mapNodes({ next: sum }, (node, original) => {
      seen.push([node, original]);
      return node === x ? y : node;
    });
    expect(next).toEqual(elementwise("Add", [elementwise("Mul", [y, y]), y]));
    expect(seen.map(([, original]) => original)).toEqual([x, square, sum]);
  });
});
