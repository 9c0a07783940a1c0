import { describe, expect, it } from "vitest";
import { floats, runGraph } from "../../test/run-graph.js";
import { cast, elementwise, expand, gather, reshape } from "../graph/build.js";
import { input, scalar } from "../graph/node.js";
import { operations } from "../graph/traverse.js";
import { hoist } from "./hoist.js";

const rates = input("rates", "float32", [2]);
const step = input("step", "float32", []);
const indices = input("indices", "int32", [1, 3]);
const state = input("state", "float32", [2, 4]);
const data = input("data", "float32", [9, 4]);
const given = [rates, step, indices];

const decayed = elementwise("Mul", [reshape(rates, [2, 1]), elementwise("Pow", [scalar(0.5), step])]);
const operators = (outputs: Parameters<typeof operations>[0]) => operations(outputs).map(({ operator }) => operator);

describe("hoisting", () => {
  it("takes out what depends on the steps' inputs alone", () => {
    const { body, perStep } = hoist({ next: elementwise("Sub", [state, elementwise("Mul", [state, decayed])]) }, given);
    expect(operators(body)).toEqual(["Mul", "Sub"]);
    expect(Object.values(perStep).map(({ shape }) => shape)).toEqual([[-1, 2, 1]]);
  });

  it("computes it for all steps at once", async () => {
    const { perStep } = hoist({ next: elementwise("Mul", [state, decayed]) }, given);
    const all = { all_rates: floats([1, 2, 3, 4, 5, 6], [3, 2]), all_step: floats([0, 1, 2]) };
    expect(Object.values(await runGraph(perStep, all))).toEqual([floats([1, 2, 1.5, 2, 1.25, 1.5], [3, 2, 1])]);
  });

  it("broadcasts operands of different ranks step by step", async () => {
    const vector = input("vector", "float32", [3]);
    const number = input("number", "float32", []);
    const table = elementwise("Add", [reshape(rates, [2, 1]), elementwise("Mul", [vector, number])]);
    const { perStep } = hoist({ next: elementwise("Mul", [input("s", "float32", [2, 3]), table]) }, [
      rates,
      vector,
      number,
    ]);
    const read = await runGraph(perStep, {
      all_rates: floats([1, 2, 10, 20], [2, 2]),
      all_vector: floats([1, 2, 3, 1, 2, 3], [2, 3]),
      all_number: floats([1, -1]),
    });
    expect(Object.values(read)).toEqual([floats([2, 3, 4, 3, 4, 5, 9, 8, 7, 19, 18, 17], [2, 2, 3])]);
  });

  it("leaves what reads the state or the data, and gives the step what it still reads", () => {
    const picked = gather(data, indices, 0);
    const { body, perStep } = hoist({ next: elementwise("Mul", [picked, reshape(rates, [2, 1, 1])]) }, given);
    expect(operators(body)).toEqual(["Gather", "Mul"]);
    expect(Object.keys(perStep)).toEqual(["indices", "row0"]);
    expect(perStep.indices).toMatchObject({ kind: "input", name: "all_indices", dtype: "int32", shape: [-1, 1, 3] });
  });

  it("takes out outputs, and casts", () => {
    const { body, perStep } = hoist({ losses: decayed, rows: cast(indices, "float32") }, given);
    expect(operators(body)).toEqual([]);
    expect(Object.values(perStep).map(({ dtype }) => dtype)).toEqual(["float32", "float32"]);
  });

  it("keeps no value for all steps that is much larger than what it comes from", () => {
    const wide = input("wide", "float32", [1, 8192]);
    const column = input("column", "float32", [4, 1]);
    const { perStep } = hoist({ next: elementwise("Mul", [wide, column]) }, [wide, column]);
    expect(Object.keys(perStep)).toEqual(["wide", "column"]);
  });

  it("gives a step that reads no step input the first one, to count by", () => {
    const { body, perStep } = hoist({ next: elementwise("Mul", [state, expand(scalar(2), [2, 4])]) }, given);
    expect(operators(body)).toEqual(["Expand", "Mul"]);
    expect(Object.keys(perStep)).toEqual(["rates"]);
  });
});
