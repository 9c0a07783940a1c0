import { expect, it } from "vitest";
import { fleetShape } from "./fleet-shape.js";

it.each([
  ["onnx-cpu", false, { count: 8, slots: undefined }],
  ["onnx-webgpu", false, { count: 1, slots: 8 }],
  ["onnx-cuda", false, { count: 1, slots: 8 }],
  ["tfjs-node-gpu", false, { count: 1, slots: 8 }],
  ["onnx-cuda", true, { count: 8, slots: undefined }],
] as const)("eight at a time on %s, slots set: %s, are %j", (executor, slotsAreSet, shape) => {
  expect(fleetShape(8, executor, slotsAreSet)).toEqual(shape);
});
