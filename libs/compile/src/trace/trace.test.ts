import { beforeEach, describe, expect, it } from "vitest";
import { expectClose, floats, runGraph } from "../../test/run-graph.js";
import { input, type Outputs } from "../graph/node.js";
import { operations } from "../graph/traverse.js";
import { tf } from "../tensorflow.js";
import { UntraceableError } from "../untraceable-error.js";
import { trace } from "./trace.js";

const x = input("x", "float32", [3]);

/** The graph of a function of three numbers. */
function traced(build: (x: tf.Tensor1D) => tf.Tensor): Outputs {
  return trace((symbol) => ({ y: build(symbol(x) as tf.Tensor1D) }));
}

function failure(build: (x: tf.Tensor1D) => tf.Tensor): unknown {
  try {
    traced(build);
  } catch (error) {
    return error;
  }
  return undefined;
}

it("leaves TensorFlow.js on a backend that computes where none was set before", () => {
  expect(tf.engine().backendName).toBeUndefined();
  traced((x) => tf.add(x, 1));
  expect(tf.getBackend()).toBe("cpu");
  expect([...tf.add([1, 2], 1).dataSync()]).toEqual([2, 3]);
});

describe("a trace", () => {
  beforeEach(() => tf.setBackend("cpu"));

  it("records what operations would compute", async () => {
    const graph = traced((x) => tf.sum(tf.mul(tf.relu(x), [1, 10, 100])));
    expect(operations(graph).map(({ operator }) => operator)).toEqual(["Relu", "Mul", "ReduceSum"]);
    expect((await runGraph(graph, { x: floats([1, 2, -3]) })).y).toEqual(floats([21], []));
  });

  it("records gradients", async () => {
    const graph = traced((x) => tf.grad((v: tf.Tensor) => tf.sum(tf.mul(tf.square(v), v)))(x));
    expectClose((await runGraph(graph, { x: floats([1, -2, 3]) })).y, floats([3, 12, 27]));
  });

  it("records gradients of several tensors, and the value", async () => {
    const z = input("z", "float32", [3]);
    const graph = trace((symbol) => {
      const product = (...[a, b]: tf.Tensor[]) => tf.sum(tf.mul(a as tf.Tensor, b as tf.Tensor));
      const { value, grads } = tf.valueAndGrads(product)([symbol(x), symbol(z)]);
      return { value, dx: grads[0] as tf.Tensor, dz: grads[1] as tf.Tensor };
    });
    expect(await runGraph(graph, { x: floats([1, 2, 3]), z: floats([4, 5, 6]) })).toEqual({
      value: floats([32], []),
      dx: floats([4, 5, 6]),
      dz: floats([1, 2, 3]),
    });
  });

  it("reads constants, as they are known", () => {
    const graph = traced((x) => tf.mul(x, tf.tensor1d([1, 2, 3]).dataSync()[1] as number));
    expect(operations(graph).map(({ operator }) => operator)).toEqual(["Mul"]);
  });

  it.each(["cpu", "wasm"])("uses tensors made before on %s, and gives them back", async (backend) => {
    await import("@tensorflow/tfjs-backend-wasm");
    await tf.setBackend(backend);
    const made = tf.tensor1d([1, 10, 100]);
    await tf.setBackend("cpu");
    const graph = traced((x) => tf.mul(x, made));
    expect(tf.engine().state.tensorInfo.get(made.dataId)?.backend).toBe(tf.findBackend(backend));
    expect([...made.dataSync()]).toEqual([1, 10, 100]);
    made.dispose();
    expect((await runGraph(graph, { x: floats([1, 2, 3]) })).y).toEqual(floats([1, 20, 300]));
  });

  it("gives tensors back after it failed, also those that no graph can have", () => {
    const [number, word] = [tf.scalar(5), tf.scalar("five")];
    expect(() => traced((x) => tf.add(x, number).dataSync() as never)).toThrow(UntraceableError);
    expect(() => trace(() => ({ y: word }))).toThrow(UntraceableError);
    expect([number.dataSync()[0], word.dataSync()[0]]).toEqual([5, "five"]);
    tf.dispose([number, word]);
  });

  it.each([
    ["succeeds", (x: tf.Tensor) => tf.square(x)],
    ["fails in an operation", (x: tf.Tensor) => tf.topk(x, 1).values],
    ["fails in a gradient", (x: tf.Tensor) => tf.grad((v: tf.Tensor) => tf.add(v, v.arraySync() as number[]))(x)],
    [
      "fails in the task's own code",
      () => {
        throw new RangeError("mine");
      },
    ],
  ])("leaves no tensor behind and restores the backend when it %s", (_, build) => {
    const state = () => {
      const { numTensors, numDataBuffers } = tf.memory();
      const { gradientDepth, kernelDepth, scopeStack } = tf.engine().state;
      return {
        backend: tf.getBackend(),
        numTensors,
        numDataBuffers,
        gradientDepth,
        kernelDepth,
        scopes: scopeStack.length,
      };
    };
    const before = state();
    failure(build);
    expect(state()).toEqual(before);
    expect(tf.findBackend("stride-trace").numDataIds()).toBe(0);
  });
});

describe("an untraceable step is refused with its operation and what to do", () => {
  const random = "stream of @stride/random";
  it.each([
    ["dataSync", "tf.where for a choice", (x) => tf.mul(x, x.dataSync()[0] as number)],
    ["dataSync", "tf.where for a choice", (x) => tf.tensor(x.arraySync())],
    ["dataSync", "tf.where for a choice", (x) => ((tf.sum(x).arraySync() as number) > 0 ? x : tf.neg(x))],
    ["randomNormal", random, (x) => tf.add(x, tf.randomNormal([3]))],
    ["randomUniform", random, (x) => tf.add(x, tf.randomUniform([3], 0, 1, "float32", 7))],
    ["randomGamma", random, (x) => tf.add(x, tf.randomGamma([3], 2))],
    [
      "rand",
      random,
      (x) =>
        tf.add(
          x,
          tf.rand([3], () => 1),
        ),
    ],
    ["truncatedNormal", random, (x) => tf.add(x, tf.truncatedNormal([3]))],
    ["multinomial", random, (x) => tf.multinomial(x, 3)],
    ["dropout", random, (x) => tf.dropout(x, 0.5)],
    ["topk", "other TensorFlow.js operations", (x) => tf.topk(x, 2).values],
    ["complex", "such as tfjs-cpu", (x) => tf.real(tf.fft(tf.complex(x, x)))],
    [
      "conv3d",
      "such as tfjs-cpu",
      (x) => tf.conv3d(tf.reshape(x, [1, 3, 1, 1, 1]) as tf.Tensor5D, tf.ones([1, 1, 1, 1, 1]), 1, "same"),
    ],
    ["cast", "Only float32, int32 and bool", (x) => tf.cast(x, "complex64")],
    ["tensor", "Only float32, int32 and bool", () => tf.tensor(["a", "b"])],
    ["tensor", "Only float32, int32 and bool", () => tf.fill([2], "a")],
    ["loss() or update()", "no numbers, arrays or promises", () => 3 as unknown as tf.Tensor],
    ["loss() or update()", "no numbers, arrays or promises", () => undefined as unknown as tf.Tensor],
    ["loss() or update()", "Random numbers, counters and clocks", (x) => tf.mul(x, Math.random())],
    ["loss() or update()", "Random numbers, counters and clocks", counting()],
    ["loss() or update()", "Random numbers, counters and clocks", taking()],
  ] satisfies [string, string, (x: tf.Tensor1D) => tf.Tensor][])("%s: %s", (operation, advice, build) => {
    const error = failure(build);
    expect(error).toBeInstanceOf(UntraceableError);
    expect(error).toMatchObject({ operation, advice: expect.stringContaining(advice) });
    expect(String(error)).toContain(`${operation} cannot be compiled: `);
  });

  it("a promised value, awaited or not, with no rejection left over", async () => {
    const awaited = async (x: tf.Tensor) => tf.mul(x, (await x.data())[0] as number);
    expect(failure((x) => awaited(x) as unknown as tf.Tensor)).toMatchObject({ operation: "data" });
    const forgotten = (x: tf.Tensor) => {
      void x.array().then(() => expect.unreachable());
      return x;
    };
    expect(failure(forgotten)).toMatchObject({ operation: "data" });
    expect(failure((x) => tf.neg(x))).toBeUndefined();
  });
});

/** One more at each call. */
function counting() {
  let calls = 0;
  return (x: tf.Tensor) => tf.add(x, calls++);
}

/** Another operation at each call. */
function taking() {
  const turns = [tf.sin, tf.cos];
  return (x: tf.Tensor) => (turns.pop() ?? tf.tan)(x);
}
