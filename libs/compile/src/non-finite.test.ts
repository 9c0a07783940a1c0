import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import type { Task } from "@stride/tasks";
import { describe, expect, it } from "vitest";
import { cohortSize, initial, materials, pairs, segment } from "../test/executor-contract.js";
import { createExecutor, type Executor } from "./index.js";

const ill = 1;
const well = [0, 2];
const steps = 10;
/** Tasks whose loss is finite at all finite parameters: a rate of 1e30 leads to bad ones, but to none of them. */
const bounded = ["ackley"];

interface Course {
  readonly losses: Float32Array;
  readonly evaluated: Float32Array;
  readonly parameters: Float32Array[][];
}

/** Ten steps of a cohort on shared batches, in which the rate or the start of one trial may be anything. */
async function train(
  executor: Executor,
  made: Awaited<ReturnType<typeof materials>>,
  { rate, start = initial(made.task) }: { rate?: number; start?: Float32Array[][] } = {},
): Promise<Course> {
  await using program = await executor.program({ ...made, cohortSize, sharedBatches: true });
  program.load(start);
  const given = segment(made.task, { groups: 1, count: steps, rateScale: made.rateScale });
  const learningRates = given.learningRates.map((value, i) => (i % cohortSize === ill ? (rate ?? value) : value));
  return {
    losses: (await program.run({ ...given, learningRates })).losses,
    evaluated: await program.evaluate(),
    parameters: await program.parameters(),
  };
}

const ofTrial = ({ losses }: Course, k: number) => [...losses].filter((_, i) => i % cohortSize === k);

/** Equal to the last bit. */
function expectUntouched(beside: Course, healthy: Course): void {
  for (const k of well) {
    expect(ofTrial(beside, k)).toEqual(ofTrial(healthy, k));
    expect(beside.evaluated[k]).toBe(healthy.evaluated[k]);
    expect(beside.parameters[k]).toEqual(healthy.parameters[k]);
  }
}

const withOne = (task: Task, parameter: number, value: number) =>
  initial(task).map((trial, k) =>
    trial.map((values, p) => (k === ill && p === parameter ? values.map((x, i) => (i === 0 ? value : x)) : values)),
  );

describe.each(["onnx-cpu", "tfjs-cpu"] as const)("on %s, sharing batches,", (name) => {
  it.each(pairs)("a trial of $name that diverges through Infinity leaves the others as they were", async (pair) => {
    await using executor = await createExecutor(name);
    const made = await materials(pair);
    const healthy = await train(executor, made);
    const lost = [Number.POSITIVE_INFINITY, Number.NaN];
    for (const rate of bounded.includes(pair.task.kind) ? lost : [1e30, ...lost]) {
      const beside = await train(executor, made, { rate });
      expectUntouched(beside, healthy);
      expect(ofTrial(beside, ill).every(Number.isFinite)).toBe(false);
    }
  });

  const oneOptimizer = pairs.filter(({ optimizer }) => optimizer.kind === "sgd" && optimizer.momentum === 0);
  it.each(oneOptimizer)(
    "one bad number in any parameter of $name shows in the loss, of its trial alone",
    async (pair) => {
      await using executor = await createExecutor(name);
      const made = await materials(pair);
      const healthy = await train(executor, made);
      for (const [p] of made.task.parameters.entries()) {
        const beside = await train(executor, made, { start: withOne(made.task, p, Number.NaN) });
        expectUntouched(beside, healthy);
        expect(ofTrial(beside, ill).at(-1)).toBeNaN();
      }
    },
  );

  it("a trial that has diverged stays diverged", async () => {
    await using executor = await createExecutor(name);
    const pair = pairs.find(({ task }) => task.kind === "mlp") as (typeof pairs)[number];
    const made = {
      ...(await materials(pair)),
      optimizer: createOptimizer(optimizerSpecSchema.parse({ kind: "sgd", momentum: 0.9 })),
    };
    const losses = ofTrial(await train(executor, made, { rate: 1e30 }), ill);
    const first = losses.findIndex((loss) => !Number.isFinite(loss));
    expect(first).toBeGreaterThan(0);
    expect(losses.slice(first).some(Number.isFinite)).toBe(false);
  });
});
