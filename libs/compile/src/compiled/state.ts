import * as ort from "onnxruntime-node";
import { sizeOf } from "../cohort-arrays.js";

/** Parameters and slots of a cohort in two sets of arrays: a run reads one and writes the other, and then they change places. */
export interface State {
  /** Throws before the first `load`. */
  current(): readonly ort.Tensor[];
  /** What the next run writes. */
  next(): readonly ort.Tensor[];
  /** Makes what was written current. */
  advance(): void;
  /** Sets the arrays that are given, in order, and all others to zero. */
  load(values: readonly (Float32Array | undefined)[]): void;
  clear(): void;
}

export function createState(shapes: readonly (readonly number[])[]): State {
  let sides: [ort.Tensor[], ort.Tensor[]] | undefined;
  const fresh = () => shapes.map((shape) => float32(new Float32Array(sizeOf(shape)), shape));
  const loaded = () => {
    if (sides === undefined) throw new Error("load() parameters before running a program");
    return sides;
  };
  return {
    current: () => loaded()[0],
    next: () => loaded()[1],
    advance() {
      const [current, next] = loaded();
      sides = [next, current];
    },
    load(values) {
      const current = fresh();
      values.forEach((array, i) => {
        if (array !== undefined) (current[i]?.data as Float32Array | undefined)?.set(array);
      });
      sides = [current, fresh()];
    },
    clear() {
      sides = undefined;
    },
  };
}

export function float32(values: Float32Array, shape: readonly number[]): ort.Tensor {
  return new ort.Tensor("float32", values, shape);
}

export function int32(values: Int32Array, shape: readonly number[]): ort.Tensor {
  return new ort.Tensor("int32", values, shape);
}
