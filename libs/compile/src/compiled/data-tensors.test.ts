import { describe, expect, it } from "vitest";
import { dataTensors, gatherTensors, only } from "./data-tensors.js";

const dataSet = {
  size: 3,
  arrays: [
    { name: "x", shape: [2], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: "label", shape: [], values: Int32Array.of(7, 8, 9) },
  ],
};

describe("a data set as tensors", () => {
  it("has its arrays whole, with rows in front, and copies nothing", () => {
    const tensors = dataTensors(dataSet, "training_");
    expect(tensors.training_x).toMatchObject({ type: "float32", dims: [3, 2] });
    expect(tensors.training_label).toMatchObject({ type: "int32", dims: [3] });
    expect(tensors.training_x?.data).toBe(dataSet.arrays[0]?.values);
  });

  it("has the rows of a batch in the order of its indices", () => {
    const indices = Int32Array.of(2, 0, 2, 1);
    const tensors = gatherTensors(dataSet, { prefix: "", indices, leading: [2, 2] });
    expect(tensors.x?.dims).toEqual([2, 2, 2]);
    expect(tensors.x?.data).toEqual(Float32Array.of(5, 6, 1, 2, 5, 6, 3, 4));
    expect(tensors.label?.data).toEqual(Int32Array.of(9, 7, 9, 8));
  });

  it("is refused when rows are missing", () => {
    expect(() => dataTensors({ ...dataSet, size: 4 }, "")).toThrow("array x does not have 4 rows");
  });

  it("is given to a model as far as that reads it", () => {
    expect(Object.keys(only(dataTensors(dataSet, ""), ["label", "other"]))).toEqual(["label"]);
  });
});
