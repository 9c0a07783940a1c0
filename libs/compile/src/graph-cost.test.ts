import { createTask } from "@stride/tasks";
import { type TaskCost, taskCost, taskLabel, taskSpecSchema } from "@stride/tasks/spec";
import { describe, expect, it } from "vitest";
import { elementwise, matMul, reduce, reshape, transpose } from "./graph/build.js";
import { input, operation } from "./graph/node.js";
import { countTaskCost, graphCost } from "./graph-cost.js";

const x = input("x", "float32", [1, 4, 6]);
const weights = input("weights", "float32", [1, 6, 3]);

describe("the cost of a graph", () => {
  it("is two operations a multiply-add of a product, and one an element of what follows", () => {
    const made = elementwise("Add", [matMul(x, weights), input("bias", "float32", [1, 1, 3])]);
    // 2 · (4 · 3) · 6 and 4 · 3; read 24 + 18 + 3, both results written and read.
    expect(graphCost({ made })).toEqual({ flops: 144 + 12, bytes: 4 * (45 + 2 * 24) });
  });

  it("counts a function ten, and no memory for what passes from one elementwise operation to the next", () => {
    const passing = elementwise("Exp", [x]);
    const made = elementwise("Mul", [passing, input("scale", "float32", [])]);
    expect(graphCost({ made })).toEqual({ flops: 240 + 24, bytes: 4 * (24 + 1 + 2 * 24) });
    expect(graphCost({ made, passing }).bytes).toBe(4 * (24 + 1 + 4 * 24));
  });

  it("counts every number that a sum takes, and nothing for another view", () => {
    const sum = reduce("ReduceSum", reshape(x, [24]), [0], false);
    expect(graphCost({ sum })).toEqual({ flops: 24, bytes: 4 * (24 + 2) });
  });

  it("counts moves as bytes alone, and what two results share once", () => {
    const moved = transpose(x, [0, 2, 1]);
    const outputs = { a: elementwise("Neg", [moved]), b: elementwise("Abs", [moved]) };
    expect(graphCost(outputs)).toEqual({ flops: 48, bytes: 4 * (24 + 3 * 48) });
  });

  it("counts a convolution by the weights of each of its results, and its transpose by those of each number it takes", () => {
    const images = input("images", "float32", [2, 3, 8, 8]);
    const filter = input("filter", "float32", [5, 3, 3, 3]);
    const made = operation("Conv", [images, filter], { shape: [2, 5, 6, 6] });
    const back = operation("ConvTranspose", [made, filter], { shape: [2, 3, 8, 8] });
    const once = 2 * (2 * 5 * 6 * 6) * (3 * 3 * 3);
    expect(graphCost({ made }).flops).toBe(once);
    expect(graphCost({ back }).flops).toBe(2 * once);
  });
});

/** How far what a task declares may be from what is counted; the planner's widths go by these numbers. */
const factors: Readonly<Record<keyof TaskCost, number>> = {
  parameters: 1,
  flopsPerStep: 2,
  bytesPerStep: 3,
  evaluationFlops: 2,
};

const specs = [
  { kind: "quadratic", dimension: 1_000 },
  { kind: "rosenbrock", dimension: 1_000 },
  { kind: "rastrigin", dimension: 1_000 },
  { kind: "ackley", dimension: 1_000 },
  { kind: "nmf", data: "synthetic", rank: 16, batch: 64 },
  { kind: "mlp", data: "mnist", hidden: [128, 64], trainingSize: 200, evaluationSize: 100 },
  { kind: "logistic", data: "mnist", trainingSize: 200, evaluationSize: 100 },
  { kind: "logistic", data: "synthetic", dimension: 200, trainingSize: 200, evaluationSize: 100 },
  { kind: "autoencoder", data: "mnist", hidden: [64, 16, 64], trainingSize: 200, evaluationSize: 100 },
  { kind: "cnn", data: "mnist", channels: [8, 16], batch: 16, trainingSize: 200, evaluationSize: 100 },
  { kind: "transformer", data: "moby-dick", width: 32, heads: 2, blocks: 2, trainingSize: 200, evaluationSize: 20 },
].map((given) => {
  const spec = taskSpecSchema.parse(given);
  return { label: taskLabel(spec), spec };
});

it.each(specs)("what $label declares is what its graphs have, within a factor", async ({ spec }) => {
  const declared = taskCost(spec);
  const counted = countTaskCost(await createTask(spec));
  const apart = Object.fromEntries(
    Object.entries(factors).map(([name, factor]) => {
      const ratio = declared[name as keyof TaskCost] / counted[name as keyof TaskCost];
      return [name, ratio >= 1 / factor && ratio <= factor ? "within" : ratio];
    }),
  );
  expect(apart).toEqual({
    parameters: "within",
    flopsPerStep: "within",
    bytesPerStep: "within",
    evaluationFlops: "within",
  });
});
