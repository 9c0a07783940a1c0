import { describe, expect, it } from "vitest";
import { values } from "../../test/fixtures.js";
import { expectClose, floats, runGraph, type Value } from "../../test/run-graph.js";
import { elements, elementwise, matMul, reduce, reshape, transposeMatrix } from "../graph/build.js";
import { input, type Node, type Outputs } from "../graph/node.js";
import { operations } from "../graph/traverse.js";
import { scaleOnce } from "./scale-once.js";

const trials = 3;
const rates = input("rates", "float32", [trials]);
const batch = input("x", "float32", [trials, 4, 2]);
const [w, b] = [input("w", "float32", [trials, 2, 5]), input("b", "float32", [trials, 1, 5])];
const rate = reshape(rates, [trials, 1, 1]);

const multiply = (a: Node, c: Node) => elementwise("Mul", [a, c]);
const subtract = (a: Node, c: Node) => elementwise("Sub", [a, c]);

/** A dense layer with loss ½‖xw + b‖², whose own gradient is `error`. */
const error = elementwise("Add", [matMul(batch, w), b]);
const halved = multiply(error, input("half", "float32", []));
const [gradientW, gradientB] = [matMul(transposeMatrix(batch), halved), reduce("ReduceSum", halved, [1], true)];
const descent: Outputs = {
  nextW: subtract(w, multiply(rate, gradientW)),
  nextB: subtract(b, multiply(rate, gradientB)),
  loss: reduce("ReduceSumSquare", error, [1, 2], false),
};

const feeds: Readonly<Record<string, Value>> = Object.fromEntries(
  [rates, batch, w, b, input("half", "float32", [])].map((node, i) => [
    node.name,
    floats([...values(elements(node), 13 * i)], node.shape),
  ]),
);

/** Products with a rate, which has one number a trial. */
function scalings(outputs: Outputs): Node[] {
  const perTrial = (node: Node) => node.shape.length === 3 && elements(node) === trials;
  return operations(outputs).filter(({ operator, inputs }) => operator === "Mul" && inputs.some(perTrial));
}

async function expectSameValues(after: Outputs, before: Outputs): Promise<void> {
  const [actual, expected] = [await runGraph(after, feeds), await runGraph(before, feeds)];
  for (const [name, value] of Object.entries(expected)) expectClose(actual[name], value);
}

describe("scaling once", () => {
  it("puts one product with the rate in place of one for each gradient, with the same result", async () => {
    const once = scaleOnce(descent);
    expect([scalings(descent).length, scalings(once).length]).toEqual([2, 1]);
    expect(scalings(once)[0]?.shape).toEqual([trials, 4, 5]);
    await expectSameValues(once, descent);
  });

  it.each<[string, Outputs]>([
    ["momentum reads a gradient", { ...descent, velocity: elementwise("Add", [gradientW, w]) }],
    ["a gradient is an output itself", { ...descent, gradient: gradientB }],
    ["a gradient is squared", { ...descent, nextW: subtract(w, multiply(rate, multiply(gradientW, gradientW))) }],
    [
      "a gradient is divided by",
      { ...descent, nextW: subtract(w, multiply(rate, elementwise("Div", [w, gradientW]))) },
    ],
    ["one gradient alone is scaled", { nextW: subtract(w, multiply(rate, gradientW)) }],
    [
      "the trials have rates of their own kind",
      {
        ...descent,
        nextB: subtract(b, multiply(reshape(input("other", "float32", [trials]), [trials, 1, 1]), gradientB)),
      },
    ],
    [
      "a sum mixes the trials",
      {
        ...descent,
        nextB: subtract(b, multiply(rate, elementwise("Mul", [b, reduce("ReduceSum", halved, [0, 1], true)]))),
      },
    ],
  ])("does nothing when %s", (_, outputs) => {
    expect(scaleOnce(outputs)).toBe(outputs);
  });
});
