import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { elementwise, reduce, reshape } from "../graph/build.js";
import { constantOf, input, type Node, scalar } from "../graph/node.js";
import { segmentModel } from "./segment-model.js";
import { openSession } from "./session.js";
import type { StepGraph } from "./step-graph.js";

const x = input("x", "float32", [2, 3]);
const slot = input("slot", "float32", [2, 3]);
const rates = input("learningRates", "float32", [2]);
const step = input("step", "float32", []);

const add = (a: Node, b: Node) => elementwise("Add", [a, b]);
const multiply = (a: Node, b: Node) => elementwise("Mul", [a, b]);

/** x ← x + slot, slot ← slot · rate + step, loss ½ Σ x². */
const moving: StepGraph = {
  state: [x, slot],
  stepInputs: [rates, step],
  nextState: [add(x, slot), add(multiply(slot, reshape(rates, [2, 1])), step)],
  told: { losses: multiply(scalar(0.5), reduce("ReduceSumSquare", x, [1], false)) },
};

const start = { x: [1, 2, 3, -1, -2, -3], slot: [1, 0, 0, 0, 1, 0] };

/** Runs segments of these lengths one after another. */
async function run(graph: StepGraph, lengths: readonly number[], from: Readonly<Record<string, readonly number[]>>) {
  const session = await openSession(segmentModel(graph), { provider: "cpu", threads: 1 });
  let state = graph.state.map(({ name }) => Float32Array.from(from[name] ?? []));
  const losses: number[] = [];
  let first = 0;
  for (const steps of lengths) {
    const at = (t: number) => first + t;
    const all = {
      all_learningRates: new ort.Tensor(
        "float32",
        Float32Array.from({ length: 2 * steps }, (_, i) => 0.5 + at(i >> 1)),
        [steps, 2],
      ),
      all_step: new ort.Tensor(
        "float32",
        Float32Array.from({ length: steps }, (_, t) => at(t)),
        [steps],
      ),
      ...Object.fromEntries(
        graph.state.map(({ name, shape }, i) => [
          `in_${name}`,
          new ort.Tensor("float32", state[i] as Float32Array, shape),
        ]),
      ),
    };
    const feeds = Object.entries(all).filter(([name]) => session.inputNames.includes(name));
    const read = await session.run(Object.fromEntries(feeds));
    state = graph.nextState.map((_, i) => (read[`next${i}`] as ort.Tensor).data as Float32Array<ArrayBuffer>);
    expect(read.losses?.dims).toEqual([steps, ...graph.told.losses.shape]);
    losses.push(...((read.losses as ort.Tensor).data as Float32Array));
    first += steps;
  }
  await session.release();
  return { losses, state: state.map((values) => [...values]) };
}

describe("the model of a segment", () => {
  it("takes steps one after another", async () => {
    const { losses, state } = await run(moving, [2], start);
    // Step 0: loss (7, 7), x (2,2,3 | −1,−1,−3), slot (½,0,0 | 0,½,0). Step 1: loss (8½, 5½), slot ← 1½ slot + 1.
    expect(losses).toEqual([7, 7, 8.5, 5.5]);
    expect(state).toEqual([
      [2.5, 2, 3, -1, -0.5, -3],
      [1.75, 1, 1, 1, 1.75, 1],
    ]);
  });

  it("of T steps is T models of one step", async () => {
    const whole = await run(moving, [6], start);
    expect(await run(moving, [1, 1, 1, 1, 1, 1], start)).toEqual(whole);
    expect(await run(moving, [2, 3, 1], start)).toEqual(whole);
  });

  it.each<[string, StepGraph, number[], number[][]]>([
    [
      "counts steps that read no step input",
      { ...moving, state: [x], nextState: [add(x, scalar(1))] },
      [7, 7, 14.5, 2.5, 25, 1],
      [[4, 5, 6, 2, 1, 0]],
    ],
    [
      "gives losses that are a step input, and state that stays",
      { state: [x], stepInputs: [rates, step], nextState: [x], told: { losses: rates } },
      [0.5, 0.5, 1.5, 1.5, 2.5, 2.5],
      [start.x],
    ],
    [
      "gives constant losses, and state that changes places",
      { ...moving, nextState: [slot, x], told: { losses: constantOf([1, 2], "float32", [2]) } },
      [1, 2, 1, 2, 1, 2],
      [start.slot, start.x],
    ],
    [
      "gives losses of a rank that comes from their factor",
      {
        state: [step],
        stepInputs: [rates],
        nextState: [add(step, scalar(1))],
        told: { losses: multiply(step, constantOf([2], "float32", [1])) },
      },
      [0, 2, 4],
      [[3]],
    ],
    [
      "writes one value to two places",
      { ...moving, nextState: [add(x, slot), add(x, slot)], told: { losses: reduce("ReduceSum", x, [1], false) } },
      [6, -6, 7, -5, 14, -10],
      [
        [8, 8, 12, -4, -4, -12],
        [8, 8, 12, -4, -4, -12],
      ],
    ],
  ])("%s", async (_, graph, losses, state) => {
    expect(await run(graph, [3], { ...start, step: [0] })).toEqual({ losses, state });
  });
});
