import type { DataSet } from "../task.js";

/** Rows of V to train on, and rows never trained on; both non-negative, as the array `rows`. */
export interface NmfData {
  readonly columns: number;
  readonly training: DataSet;
  readonly evaluation: DataSet;
}

const dataSets = new WeakMap<Float32Array, DataSet>();

/** Rows `[size, columns]` as a data set: one object for one array, so that executors can keep its tensors. */
export function rowsDataSet(values: Float32Array, columns: number): DataSet {
  const made = dataSets.get(values) ?? {
    size: values.length / columns,
    arrays: [{ name: "rows", shape: [columns], values }],
  };
  dataSets.set(values, made);
  return made;
}
