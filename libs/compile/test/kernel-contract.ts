import { describe, expect, it } from "vitest";
import { input, type Outputs } from "../src/graph/node.js";
import { simplify } from "../src/simplify/simplify.js";
import { onBackend, tf } from "../src/tensorflow.js";
import type { Kernels } from "../src/trace/kernel.js";
import { trace } from "../src/trace/trace.js";
import { values } from "./fixtures.js";
import { expectClose, openGraph, type Value } from "./run-graph.js";

type Build = (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** A kernel as TensorFlow.js operations call it. */
export interface KernelCase {
  readonly kernel: string;
  /** What is particular about this case. */
  readonly of?: string;
  /** Inputs by number of the draw. */
  readonly inputs: readonly ((draw: number) => Value)[];
  readonly build: Build;
  /** What it must equal, where tfjs-cpu lacks the kernel. */
  readonly reference?: Build;
}

/** Random numbers of a range. */
export function real(shape: readonly number[], { from = -3, to = 3 } = {}): (draw: number) => Value {
  return (draw) => {
    const unit = values(sizeOf(shape), 7919 * draw + 31 * shape.length + sizeOf(shape));
    return { dtype: "float32", shape, values: [...unit.map((x) => from + ((x + 1) / 2) * (to - from))] };
  };
}

export function whole(shape: readonly number[], { from = -3, to = 3 } = {}): (draw: number) => Value {
  const drawn = real(shape, { from, to: to + 1 });
  return (draw) => ({ dtype: "int32", shape, values: drawn(draw).values.map((x) => Math.min(to, Math.floor(x))) });
}

export function truth(shape: readonly number[]): (draw: number) => Value {
  const drawn = real(shape);
  return (draw) => ({ dtype: "bool", shape, values: drawn(draw).values.map((x) => (x > 0 ? 1 : 0)) });
}

/** The same numbers each time. */
export function given(
  numbers: readonly number[],
  shape: readonly number[] = [numbers.length],
): (draw: number) => Value {
  return () => ({ dtype: "float32", shape, values: numbers });
}

/** What arithmetic treats apart. */
export const specials = [0, 1, -1, 0.5, -0.5, 2.5, -2.5, 1e-20, 1e20, -1e20, Infinity, -Infinity, NaN];

const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
const draws = [0, 1, 2];

/** Every kernel, traced and run by ONNX Runtime, computes what TensorFlow.js computes. */
export function kernelContract(kernels: Kernels, cases: readonly KernelCase[]): void {
  it("has a case for every kernel that it registers", () => {
    expect([...new Set(cases.map(({ kernel }) => kernel))].sort()).toEqual(Object.keys(kernels).sort());
  });

  describe.each(cases.map((one) => ({ ...one, title: `${one.kernel} ${one.of ?? ""}`.trim() })))("$title", (one) => {
    const inputs = one.inputs.map((draw, i) => input(`x${i}`, draw(0).dtype, draw(0).shape));
    const traced = () => trace((symbol) => named([one.build(...inputs.map(symbol))].flat()));

    it("computes what tfjs-cpu computes", async () => {
      const graph = traced();
      await using plain = await openGraph(graph);
      await using simplified = await openGraph(simplify(graph));
      for (const draw of draws) {
        const drawn = one.inputs.map((make) => make(draw));
        const feeds = Object.fromEntries(drawn.map((value, i) => [`x${i}`, value]));
        const expected = eagerly(one.reference ?? one.build, drawn);
        for (const run of [plain, simplified]) {
          const actual = await run.run(feeds);
          expected.forEach((value, i) => {
            expectClose(actual[`y${i}`], value);
          });
        }
      }
    });

    it("gives its symbols the type and shape that its values will have", () => {
      const graph: Outputs = traced();
      const expected = eagerly(
        one.reference ?? one.build,
        one.inputs.map((make) => make(0)),
      );
      expected.forEach(({ dtype, shape }, i) => {
        expect(graph[`y${i}`]).toMatchObject({ dtype, shape });
      });
    });

    // A case with a reference of its own builds its kernel in another way than the operations of that name.
    if (one.reference !== undefined) return;
    it("is what these operations call", async () => {
      const inputs = one.inputs.map((make) => make(0));
      const { kernelNames } = await tf.profile(() => onBackend("cpu", () => one.build(...inputs.map(asTensor))));
      expect(kernelNames).toContain(one.kernel);
    });
  });
}

const named = (tensors: readonly tf.Tensor[]) => Object.fromEntries(tensors.map((tensor, i) => [`y${i}`, tensor]));

function asTensor({ values: numbers, shape, dtype }: Value): tf.Tensor {
  return tf.tensor([...numbers], [...shape], dtype);
}

function eagerly(build: Build, inputs: readonly Value[]): Value[] {
  const read: Value[] = [];
  onBackend("cpu", () => {
    for (const tensor of [build(...inputs.map(asTensor))].flat()) {
      const { dtype, shape } = tensor;
      read.push({ dtype: dtype as Value["dtype"], shape, values: Array.from(tensor.dataSync(), Number) });
    }
  });
  return read;
}
