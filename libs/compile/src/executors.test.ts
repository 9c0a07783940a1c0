import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { availability } from "./available-executors.js";
import { executorNames } from "./executor.js";

/** What CI installs: a software Vulkan device stands in for a GPU. */
const expectedInCi = ["onnx-cpu", "onnx-webgpu", "tfjs-cpu", "tfjs-wasm"] as const;

describe.runIf(process.env.CI === "true")("in CI", () => {
  it.each(expectedInCi)("%s is there to be tested", async (name) => {
    expect(await availability(name)).toEqual({ name, available: true });
  });
});

it("holds every executor to the contract, in a file of its own", () => {
  const files = readdirSync(new URL("executors/", import.meta.url));
  expect(files.sort()).toEqual(executorNames.map((name) => `${name}.test.ts`).sort());
});
