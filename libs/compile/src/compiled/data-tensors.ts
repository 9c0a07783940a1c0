import type { DataSet } from "@stride/tasks";
import type * as ort from "onnxruntime-node";
import { sizeOf } from "../cohort-arrays.js";
import { float32, int32 } from "./state.js";

export type Tensors = Readonly<Record<string, ort.Tensor>>;

/** A data set's arrays `[size, ...shape]`, called after `prefix` and their names. They are views: nothing is copied. */
export function dataTensors({ size, arrays }: DataSet, prefix: string): Tensors {
  return Object.fromEntries(
    arrays.map(({ name, shape, values }) => {
      if (values.length !== size * sizeOf(shape)) throw new RangeError(`array ${name} does not have ${size} rows`);
      const whole = [size, ...shape];
      return [`${prefix}${name}`, values instanceof Int32Array ? int32(values, whole) : float32(values, whole)];
    }),
  );
}

/** Copies of the rows at `indices`, arranged as `[...leading, ...shape]`. */
export function gatherTensors(
  { arrays }: DataSet,
  { prefix, indices, leading }: { prefix: string; indices: Int32Array; leading: readonly number[] },
): Tensors {
  return Object.fromEntries(
    arrays.map(({ name, shape, values }) => {
      const width = sizeOf(shape);
      const whole = [...leading, ...shape];
      const rows = values instanceof Int32Array ? new Int32Array(sizeOf(whole)) : new Float32Array(sizeOf(whole));
      indices.forEach((row, i) => {
        rows.set(values.subarray(row * width, (row + 1) * width), i * width);
      });
      return [`${prefix}${name}`, rows instanceof Int32Array ? int32(rows, whole) : float32(rows, whole)];
    }),
  );
}

/** What a model reads of all that could be given. */
export function only(tensors: Tensors, names: Iterable<string>): Tensors {
  const wanted = new Set(names);
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => wanted.has(name)));
}
