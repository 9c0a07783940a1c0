import { expect, it } from "vitest";
import { contractOf } from "../../test/contract-of.js";
import { availability } from "../available-executors.js";

await contractOf("onnx-cuda");

it.runIf(process.env.CI_GPU === "1")("is there to be tested where CI_GPU=1 says that a GPU is", async () => {
  expect(await availability("onnx-cuda")).toEqual({ name: "onnx-cuda", available: true });
});
