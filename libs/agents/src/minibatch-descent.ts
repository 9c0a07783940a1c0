import type { Executor } from "@stride/compile";
import { InvalidArgument } from "@stride/experiment";
import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import type { ParameterShape, Task } from "@stride/tasks";
import * as tf from "@tensorflow/tfjs-core";

/** What is known of N decisions under one name: a number each `[N]`, or with a width, `[N, width]`. */
export interface Column {
  readonly width?: number;
  readonly values: Float32Array;
}
export type Columns = Readonly<Record<string, Column>>;

/** A loss over mini-batches of decisions; everything that it depends on is in `key`. */
export interface NetworkLoss {
  /** What the loss is and every constant in it. */
  readonly key: readonly unknown[];
  readonly parameters: readonly ParameterShape[];
  /** From parameters `[K, ...shape]` and columns `[K, B]` or `[K, B, width]` to `[K]`. */
  readonly loss: (parameters: readonly tf.Tensor[], columns: Readonly<Record<string, tf.Tensor>>) => tf.Tensor;
  /** Keeps parameters where they are allowed to be, after each step. */
  readonly project?: (parameters: readonly tf.Tensor[]) => tf.Tensor[];
}

export interface DescentOptions {
  readonly executor: Executor;
  readonly loss: NetworkLoss;
  /** Where it starts, in the loss's order. */
  readonly parameters: readonly Float32Array[];
  readonly columns: Columns;
  /** B: decisions in each mini-batch. */
  readonly minibatch: number;
  /** Rows of the columns in each step's mini-batch, B each; its calls are in order. */
  readonly rows: (step: number) => ArrayLike<number>;
  readonly steps: number;
  readonly learningRate: number;
}

/** ε of Adam: 1e-5, as in the first implementation of PPO (Huang et al., "The 37 implementation details of PPO", 2022, detail 3). */
const adam = createOptimizer(optimizerSpecSchema.parse({ kind: "adam", epsilon: 1e-5 }));

/** Steps that are handed over at once, so that memory does not grow with an update's length. */
const segmentSteps = 64;

/**
 * Takes steps of Adam on mini-batches through the executor's compiled step. Its moments start at zero, so that what is learned is a
 * function of the arguments alone and an update can be made again anywhere; that this does no harm: Asadi, Fakoor & Sabach, "Resetting
 * the optimizer in deep RL", 2023 (arXiv:2306.17833). Gradients are not clipped by their norm: a step of Adam has no such scale.
 * Losses are those before each step, `[steps]`. Throws `InvalidArgument` when it leaves numbers that are not finite.
 */
export async function descend(
  options: DescentOptions,
): Promise<{ readonly parameters: readonly Float32Array[]; readonly losses: Float32Array }> {
  const { executor, steps, learningRate } = options;
  const task = networkTask(options);
  const losses = new Float32Array(steps);
  await using program = await executor.program({ task, optimizer: adam, cohortSize: 1, sharedBatches: true });
  program.load([options.parameters]);
  for (let firstStep = 0; firstStep < steps; firstStep += segmentSteps) {
    const count = Math.min(segmentSteps, steps - firstStep);
    const result = await program.run({
      steps: count,
      firstStep,
      indices: new Int32Array(),
      learningRates: new Float32Array(count).fill(learningRate),
      inputs: minibatchInputs(options, firstStep, count),
    });
    losses.set(result.losses, firstStep);
  }
  const [parameters] = (await program.parameters()) as [Float32Array[]];
  if (!parameters.every((values) => values.every(Number.isFinite))) {
    throw new InvalidArgument(
      `the update leaves weights that are not finite: its learningRate of ${learningRate} is too high`,
    );
  }
  return { parameters, losses };
}

const tasks = new Map<string, Task>();

/** The loss as a task without data whose mini-batches come in as its draws; one object for equal keys, as executors keep programs by it. */
export function networkTask({
  loss,
  columns,
  minibatch,
}: Pick<DescentOptions, "loss" | "columns" | "minibatch">): Task {
  const draws = Object.entries(columns).map(([name, { width }]) => ({
    name,
    shape: width === undefined ? [minibatch] : [minibatch, width],
    distribution: "uniform" as const,
  }));
  const key = JSON.stringify([loss.key, loss.parameters, draws]);
  const known = tasks.get(key);
  if (known !== undefined) return known;
  const none = { size: 0, arrays: [] };
  const task: Task = {
    parameters: loss.parameters,
    batchSize: 0,
    training: none,
    evaluation: none,
    draws,
    init: () =>
      loss.parameters.map(({ shape }) => new Float32Array(shape.reduce((product, size) => product * size, 1))),
    loss: (parameters, { arrays }) => loss.loss(parameters, arrays),
    // Nothing is held out, and nobody asks: a program must have something to evaluate.
    evaluate: ([parameter]) => {
      const first = parameter as tf.Tensor;
      return tf.sum(tf.reshape(first, [first.shape[0] as number, -1]), 1);
    },
    ...(loss.project === undefined ? {} : { project: loss.project }),
  };
  tasks.set(key, task);
  return task;
}

/** The columns' rows of the mini-batches of so many steps, as a segment is given them: `draw:<column>`, `[T, 1, B]` or `[T, 1, B, width]`. */
export function minibatchInputs(
  { columns, minibatch, rows }: Pick<DescentOptions, "columns" | "minibatch" | "rows">,
  firstStep: number,
  steps: number,
): Readonly<Record<string, Float32Array>> {
  const entries = Object.entries(columns).map(([name, { width = 1, values }]) => ({
    name: `draw:${name}`,
    width,
    values,
    filled: new Float32Array(steps * minibatch * width),
  }));
  for (let step = 0; step < steps; step++) {
    const chosen = rows(firstStep + step);
    for (const { width, values, filled } of entries) {
      for (let i = 0; i < minibatch; i++) {
        const row = chosen[i] as number;
        filled.set(values.subarray(row * width, (row + 1) * width), (step * minibatch + i) * width);
      }
    }
  }
  return Object.fromEntries(entries.map(({ name, filled }) => [name, filled]));
}

/** B: as wanted, or with fewer decisions the largest power of two, so that few different programs are compiled. */
export function minibatchSize(wanted: number, decisions: number): number {
  return decisions >= wanted ? wanted : 2 ** Math.floor(Math.log2(decisions));
}
