import * as ort from "onnxruntime-node";
import { expect } from "vitest";
import { openSession } from "../src/compiled/session.js";
import type { Outputs } from "../src/graph/node.js";
import { graphModel } from "../src/onnx/model.js";

/** A tensor as plain numbers; bools are 0 or 1. */
export interface Value {
  readonly dtype: "float32" | "int32" | "bool";
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** The graph as a model, loaded once, ready to run on named values. */
export async function openGraph(outputs: Outputs) {
  const session = await openSession(graphModel(outputs), { provider: "cpu", threads: 1 });
  return {
    async run(given: Readonly<Record<string, Value>> = {}): Promise<Record<string, Value>> {
      const feeds = session.inputNames.map((name) => [name, asTensor(given[name] as Value)] as const);
      const read = await session.run(Object.fromEntries(feeds));
      return Object.fromEntries(Object.entries(read).map(([name, tensor]) => [name, asValue(tensor)]));
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

/** The graph's outputs for named inputs. */
export async function runGraph(outputs: Outputs, given: Readonly<Record<string, Value>> = {}) {
  await using graph = await openGraph(outputs);
  return await graph.run(given);
}

function asTensor({ dtype, shape, values }: Value): ort.Tensor {
  if (dtype === "float32") return new ort.Tensor(dtype, Float32Array.from(values), shape);
  if (dtype === "int32") return new ort.Tensor(dtype, Int32Array.from(values), shape);
  return new ort.Tensor(dtype, Uint8Array.from(values), shape);
}

function asValue({ type, dims, data }: ort.Tensor): Value {
  return { dtype: type as Value["dtype"], shape: [...dims], values: Array.from(data as Float32Array, Number) };
}

export const floats = (values: readonly number[], shape: readonly number[] = [values.length]): Value => ({
  dtype: "float32",
  shape,
  values,
});

/** Equal type, shape and, within rounding, numbers; NaN and Infinity must be the same. */
export function expectClose(actual: Value | undefined, expected: Value, tolerance = 1e-5): void {
  expect({ dtype: actual?.dtype, shape: actual?.shape }).toEqual({ dtype: expected.dtype, shape: [...expected.shape] });
  const wrong = expected.values.flatMap((y, i) => {
    const x = actual?.values[i] ?? Number.NaN;
    const close =
      Object.is(x, y) || x === y || (Number.isFinite(y) && Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y)));
    return close ? [] : [{ at: i, actual: x, expected: y }];
  });
  expect(wrong).toEqual([]);
}
