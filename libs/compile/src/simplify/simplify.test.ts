import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computations, expressionValues } from "../../test/expressions.js";
import { runGraph, type Value } from "../../test/run-graph.js";
import type { Node, Outputs } from "../graph/node.js";
import { operations } from "../graph/traverse.js";
import { cost, simplify } from "./simplify.js";

const named = (nodes: readonly Node[]): Outputs => Object.fromEntries(nodes.map((node, i) => [`value${i}`, node]));

describe("a simplified graph", () => {
  it("has the same values, to rounding of what goes into them", async () => {
    await fc.assert(
      fc.asyncProperty(computations, async (nodes) => {
        const before = await runGraph(named(nodes), expressionValues);
        const largest = Math.max(...Object.values(before).flatMap(({ values }) => values.map(Math.abs)));
        fc.pre(largest < 1e4);
        const outputs = named(nodes.slice(-3));
        const [graph, simplified] = [await runGraph(outputs, expressionValues), simplify(outputs)];
        const after = await runGraph(simplified, expressionValues);
        for (const [name, value] of Object.entries(graph)) {
          expect(after[name]?.shape).toEqual(value.shape);
          expect(simplified[name]?.shape).toEqual(value.shape);
          expect(distance(after[name], value)).toBeLessThan(1e-5 * Math.max(1, largest));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("cannot be simplified further", () => {
    fc.assert(
      fc.property(computations, (nodes) => {
        const outputs = named(nodes.slice(-3));
        const once = simplify(outputs);
        const twice = simplify(once);
        expect([operators(twice), cost(twice)]).toEqual([operators(once), cost(once)]);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Operators in alphabetical order: operands may still change places. */
function operators(outputs: Outputs): string[] {
  return operations(outputs)
    .map(({ operator }) => operator)
    .sort();
}

function distance(actual: Value | undefined, expected: Value): number {
  return Math.max(0, ...expected.values.map((value, i) => Math.abs(value - (actual?.values[i] as number))));
}
