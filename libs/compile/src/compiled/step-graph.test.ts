import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { createTask } from "@stride/tasks";
import { taskSpecSchema } from "@stride/tasks/spec";
import { describe, expect, it } from "vitest";
import { regressionTask } from "../../test/fixtures.js";
import type { ProgramOptions, Watch } from "../executor.js";
import { operations } from "../graph/traverse.js";
import { inputsOf } from "../onnx/model.js";
import { sameGraph } from "../trace/same-graph.js";
import { evaluationGraph, gradientGraph, type StepGraph, stepGraph } from "./step-graph.js";

const mnist = (hidden: readonly number[]) =>
  createTask(
    taskSpecSchema.parse({ kind: "mlp", data: "mnist", hidden, trainingSize: 256, evaluationSize: 32, batch: 128 }),
  );
const small = (kind: object) => createTask(taskSpecSchema.parse(kind));
const optimizer = (options: object = {}) => createOptimizer(optimizerSpecSchema.parse({ kind: "sgd", ...options }));

const outputsOf = ({ told, nextState }: StepGraph) => ({
  ...told,
  ...Object.fromEntries(nextState.map((node, i) => [`next${i}`, node])),
});

/** How often each operator occurs. */
function census(step: StepGraph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operator } of operations(outputsOf(step))) counts[operator] = (counts[operator] ?? 0) + 1;
  return counts;
}

describe("the simplified step has the nodes that one would write by hand", () => {
  it("MLP 20-64-64-1, squared error, descent", () => {
    const options: ProgramOptions = {
      task: regressionTask([20, 64, 64, 1], 32),
      optimizer: optimizer(),
      cohortSize: 32,
      sharedBatches: false,
    };
    // By hand: 13 forward (2 gathers, 3 products, 3 biases, 2 relus, residual, square, mean), 3 to scale the residual with the
    // rate, 5 transpositions, 5 products and 2 masks with their products backward, 3 column sums with their ones, 6 updates.
    expect(census(stepGraph(options, "inside"))).toEqual({
      Gather: 2,
      MatMul: 10,
      Add: 3,
      Relu: 2,
      ReduceSumSquare: 1,
      ReduceSum: 1,
      HardSigmoid: 2,
      Transpose: 4,
      Reshape: 2,
      Expand: 1,
      Mul: 5,
      Sub: 7,
    });
  });

  it("MLP 784-256-10, softmax cross-entropy, descent", async () => {
    const options: ProgramOptions = {
      task: await mnist([256]),
      optimizer: optimizer(),
      cohortSize: 1,
      sharedBatches: true,
    };
    // By hand: 7 for the logits with 2 gathers, 10 for the loss, 5 for its gradient times the rate, 3 products with 3
    // transpositions and a mask with its product backward, 2 column sums with their ones, 4 updates.
    expect(census(stepGraph(options, "inside"))).toEqual({
      Gather: 2,
      MatMul: 7,
      Add: 2,
      Relu: 1,
      ReduceMax: 1,
      Exp: 1,
      Log: 1,
      Div: 1,
      ReduceSum: 3,
      HardSigmoid: 1,
      Transpose: 3,
      Reshape: 1,
      Expand: 1,
      Mul: 5,
      Sub: 7,
    });
  });
});

describe("how many nodes other steps have", () => {
  it.each([
    { name: "quadratic", spec: { kind: "quadratic", dimension: 5 }, options: {}, nodes: 8 },
    {
      name: "nmf",
      spec: {
        kind: "nmf",
        data: "synthetic",
        rows: 24,
        evaluationRows: 8,
        columns: 12,
        rank: 3,
        trueRank: 2,
        batch: 6,
      },
      options: {},
      nodes: 26,
    },
    {
      name: "quadratic with momentum",
      spec: { kind: "quadratic", dimension: 5 },
      options: { momentum: 0.9 },
      nodes: 9,
    },
  ])("$name: $nodes", async ({ spec, options, nodes }) => {
    const step = stepGraph(
      { task: await small(spec), optimizer: optimizer(options), cohortSize: 3, sharedBatches: false },
      "inside",
    );
    expect(operations(outputsOf(step))).toHaveLength(nodes);
  });
});

describe("a watch", () => {
  const spec = {
    kind: "nmf",
    data: "synthetic",
    rows: 24,
    evaluationRows: 8,
    columns: 12,
    rank: 3,
    trueRank: 2,
    batch: 6,
  };
  const step = async (watch?: Watch) =>
    outputsOf(
      stepGraph(
        {
          task: await small(spec),
          optimizer: optimizer(),
          cohortSize: 3,
          sharedBatches: false,
          ...(watch && { watch }),
        },
        "inside",
      ),
    );

  it("that asks for nothing leaves the graph as it is", async () => {
    const bare = await step();
    expect(sameGraph(bare, await step({}))).toBe(true);
    expect(sameGraph(bare, await step({ gradientNorms: false }))).toBe(true);
    expect(sameGraph(bare, await step({ gradientNorms: true }))).toBe(false);
  });

  it.each<{ name: string; watch: Watch; nodes: number }>([
    { name: "gradient norms", watch: { gradientNorms: true }, nodes: 8 },
    { name: "the ray bound", watch: { stability: { bound: "ray", fraction: 1, clip: true } }, nodes: 160 },
    { name: "the block bound", watch: { stability: { bound: "block", fraction: 1, clip: true } }, nodes: 85 },
  ])("of $name adds $nodes nodes to 26", async ({ watch, nodes }) => {
    expect(operations(await step(watch))).toHaveLength(26 + nodes);
  });
});

describe("a program's graphs", () => {
  it("read what their names say", async () => {
    const task = regressionTask([5, 8, 1], 6);
    const options: ProgramOptions = {
      task,
      optimizer: optimizer({ momentum: 0.9 }),
      cohortSize: 2,
      sharedBatches: true,
    };
    const step = stepGraph(options, "inside");
    const names = (outputs: Parameters<typeof inputsOf>[0]) =>
      inputsOf(outputs)
        .map(({ name }) => name)
        .sort();
    const parameters = ["parameter0", "parameter1", "parameter2", "parameter3"];
    expect(step.state.map(({ name }) => name)).toEqual([...parameters, "slot0_0", "slot1_0", "slot2_0", "slot3_0"]);
    expect(step.stepInputs.map(({ name }) => name)).toEqual(["learningRates", "step", "indices"]);
    expect(step.told.losses.shape).toEqual([2]);
    expect(names(evaluationGraph(options))).toEqual(["evaluation_x", "evaluation_y", ...parameters]);
    expect(names(gradientGraph(options, "before"))).toEqual([...parameters, "training_x", "training_y"]);
  });
});
