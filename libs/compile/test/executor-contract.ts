import { createOptimizer } from "@stride/optimizers";
import { type OptimizerSpec, optimizerSpecSchema } from "@stride/optimizers/spec";
import { randomStream } from "@stride/random";
import { createTask, type Task } from "@stride/tasks";
import { type TaskSpec, taskSpecSchema } from "@stride/tasks/spec";
import { expect, it } from "vitest";
import type { Executor, Program, ProgramOptions, Segment } from "../src/index.js";

export const taskSpecs = [
  { kind: "quadratic", dimension: 5 },
  { kind: "nmf", data: "synthetic", rows: 24, evaluationRows: 8, columns: 12, rank: 3, trueRank: 2, batch: 6 },
  { kind: "mlp", data: "mnist", hidden: [12, 9], trainingSize: 64, evaluationSize: 32, batch: 16 },
  { kind: "rosenbrock", dimension: 4 },
  { kind: "rastrigin", dimension: 5 },
  { kind: "ackley", dimension: 5 },
  { kind: "logistic", data: "synthetic", dimension: 6, trainingSize: 64, evaluationSize: 32, batch: 16 },
  { kind: "nmf", data: "photographs", rows: 24, evaluationRows: 8, side: 6, rank: 3, batch: 6 },
  { kind: "nmf", data: "word-counts", rows: 24, evaluationRows: 8, words: 30, rank: 3, batch: 6 },
  { kind: "autoencoder", data: "mnist", hidden: [9, 4, 9], trainingSize: 64, evaluationSize: 32, batch: 6 },
  // Normalised, as the black pixels of an image otherwise stand on the kink of the ReLU exactly while biases are 0.
  {
    kind: "cnn",
    data: "mnist",
    channels: [2, 3],
    normalisation: "layer",
    trainingSize: 16,
    evaluationSize: 4,
    batch: 2,
  },
  {
    kind: "text-classifier",
    data: "spam-assassin",
    words: 20,
    embedding: 3,
    hidden: [4],
    batch: 4,
    trainingSize: 64,
    evaluationSize: 10,
  },
  {
    kind: "transformer",
    data: "moby-dick",
    activation: "gelu",
    width: 8,
    heads: 2,
    blocks: 1,
    context: 6,
    trainingSize: 64,
    evaluationSize: 8,
    batch: 4,
  },
].map((spec) => taskSpecSchema.parse(spec));

/** What the rates of a task are multiplied by where its curvature is above some 100, so that ten steps stay finite. */
const rateScales: Partial<Record<TaskSpec["kind"], number>> = { rosenbrock: 0.01, rastrigin: 0.1 };

export const optimizerSpecs = [
  { kind: "sgd" },
  { kind: "sgd", momentum: 0.9, weightDecay: 0.01 },
  { kind: "sgd", momentum: 0.9, nesterov: true },
  { kind: "adam" },
  { kind: "adamw" },
].map((spec) => optimizerSpecSchema.parse(spec));

/** Every pair of a task and an optimizer, with a name for the test's title. */
export const pairs = taskSpecs.flatMap((task) =>
  optimizerSpecs.map((optimizer) => ({
    name: `${task.kind} with ${Object.values(optimizer).filter(Boolean).join(" ")}`,
    task,
    optimizer,
    rateScale: rateScales[task.kind] ?? 1,
  })),
);

export const cohortSize = 3;
const steps = 10;

export async function materials({ task, optimizer, rateScale }: (typeof pairs)[number]) {
  return { task: await createTask(task), optimizer: createOptimizer(optimizer), rateScale };
}

export function initial(task: Task, trials = cohortSize): Float32Array[][] {
  return Array.from({ length: trials }, (_, k) => task.init(randomStream({ seed: k, purpose: "initial-weights" })));
}

/** Batches and rates that differ from trial to trial and from step to step; rates from 0.01 to 0.03, times `rateScale`. */
export function segment(
  task: Task,
  { firstStep = 0, count = steps, groups = cohortSize, rateScale = 1 } = {},
): Segment {
  const perStep = groups * task.batchSize;
  const indices = Int32Array.from({ length: count * perStep }, (_, i) => {
    const at = firstStep * perStep + i;
    return (at * 7 + Math.floor(at / 5)) % Math.max(1, task.training.size);
  });
  const learningRates = Float32Array.from(
    { length: count * cohortSize },
    (_, i) => rateScale * 0.01 * (1 + (i % cohortSize)) * 0.95 ** (firstStep + Math.floor(i / cohortSize)),
  );
  return { steps: count, firstStep, indices: task.training.size > 0 ? indices : new Int32Array(), learningRates };
}

export interface Outcome {
  readonly losses: Float32Array;
  readonly evaluated: Float32Array;
  readonly parameters: Float32Array[][];
  readonly batchLosses: Float32Array;
  readonly gradients: Float32Array[][];
}

/** Everything a program can say about ten steps. */
export async function outcome(
  executor: Executor,
  { rateScale, ...options }: ProgramOptions & { readonly rateScale: number },
): Promise<Outcome> {
  await using program = await executor.program(options);
  const groups = options.sharedBatches ? 1 : cohortSize;
  program.load(initial(options.task));
  const { indices } = segment(options.task, { count: 1, groups });
  const { losses: batchLosses, gradients } = await program.gradients(indices);
  const { losses } = await program.run(segment(options.task, { groups, rateScale }));
  return {
    losses,
    evaluated: await program.evaluate(),
    parameters: await program.parameters(),
    batchLosses,
    gradients,
  };
}

/** The largest difference, relative to the largest value of the two arrays' reference. */
export function distance(actual: Float32Array, reference: Float32Array): number {
  expect(actual.length).toBe(reference.length);
  const scale = reference.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
  return actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (reference[i] as number))), 0) / scale;
}

/** What every executor promises, whatever runs beneath it. */
export function executorContract(
  open: () => Promise<Executor>,
  { reference, tolerance }: { reference: () => Promise<Executor>; tolerance: number },
): void {
  it.each(pairs)("computes $name as the reference does", async (pair) => {
    await using executor = await open();
    await using expected = await reference();
    const made = await materials(pair);
    for (const sharedBatches of [false, true]) {
      const options = { ...made, cohortSize, sharedBatches };
      const [ours, theirs] = [await outcome(executor, options), await outcome(expected, options)];
      expect(distance(ours.losses, theirs.losses)).toBeLessThan(tolerance);
      expect(distance(ours.evaluated, theirs.evaluated)).toBeLessThan(tolerance);
      expect(distance(ours.batchLosses, theirs.batchLosses)).toBeLessThan(tolerance);
      ours.gradients.flat().forEach((gradient, i) => {
        expect(distance(gradient, theirs.gradients.flat()[i] as Float32Array)).toBeLessThan(tolerance);
      });
      expect([...ours.losses].every(Number.isFinite)).toBe(true);
    }
  });

  it.each(taskSpecs)("differentiates $kind as finite differences do", async (spec) => {
    await using executor = await open();
    const task = await createTask(spec);
    const options = {
      task,
      optimizer: createOptimizer(optimizerSpecs[0] as OptimizerSpec),
      cohortSize,
      sharedBatches: false,
    };
    await using program = await executor.program(options);
    const start = initial(task);
    const { indices } = segment(task, { count: 1 });
    program.load(start);
    const { gradients } = await program.gradients(indices);
    for (let p = 0; p < task.parameters.length; p++) {
      // Along one parameter's own gradient the change is largest, and rounding matters least.
      const norms = gradients.map((trial) => Math.hypot(...(trial[p] as Float32Array)));
      const along = async (distance: number) => {
        program.load(
          start.map((trial, k) =>
            trial.map((values, q) =>
              q === p ? values.map((x, i) => x + (distance * (gradients[k]?.[p]?.[i] ?? 0)) / (norms[k] ?? 1)) : values,
            ),
          ),
        );
        return (await program.gradients(indices)).losses;
      };
      const errors = norms.map(() => Number.POSITIVE_INFINITY);
      // A kink of a relu within one distance lies outside of a shorter one: the best of the three counts.
      for (const distanceTaken of [2 ** -8, 2 ** -10, 2 ** -12]) {
        const [above, below] = [await along(distanceTaken), await along(-distanceTaken)];
        norms.forEach((norm, k) => {
          // The slope along g / ‖g‖ is ‖g‖, up to what float32 leaves of a difference of losses.
          const slope = ((above[k] as number) - (below[k] as number)) / (2 * distanceTaken);
          const rounding = ((above[k] as number) * 4 * 2 ** -23) / distanceTaken;
          errors[k] = Math.min(errors[k] as number, Math.max(0, Math.abs(slope - norm) - rounding) / norm);
        });
      }
      for (const error of errors) expect(error).toBeLessThan(0.01);
    }
  });

  it.each(pairs)("gives equal bits for $name however a run is cut into segments", async (pair) => {
    await using executor = await open();
    const { rateScale, ...made } = await materials(pair);
    const options = { ...made, cohortSize, sharedBatches: false };
    const { task } = options;
    const train = async (lengths: readonly number[]) => {
      await using program = await executor.program(options);
      program.load(initial(task));
      const losses: number[] = [];
      let firstStep = 0;
      for (const count of lengths) {
        losses.push(...(await program.run(segment(task, { firstStep, count, rateScale }))).losses);
        firstStep += count;
      }
      return { losses, parameters: await program.parameters() };
    };
    const whole = await train([10]);
    expect(await train([10])).toEqual(whole);
    expect(await train([5, 5])).toEqual(whole);
    expect(await train(Array.from({ length: 10 }, () => 1))).toEqual(whole);
  });

  it.each(pairs)("keeps the trials of $name apart", async (pair) => {
    await using executor = await open();
    const { rateScale, ...made } = await materials(pair);
    const options = { ...made, cohortSize, sharedBatches: false };
    const train = async (parameters: Float32Array[][]) => {
      await using program = await executor.program(options);
      program.load(parameters);
      const { losses } = await program.run(segment(options.task, { rateScale }));
      return { losses, evaluated: await program.evaluate(), parameters: await program.parameters() };
    };
    const healthy = await train(initial(options.task));
    const ill = initial(options.task).map((trial, k) =>
      k === 1 ? trial.map((values) => values.map(() => Number.NaN)) : trial,
    );
    const beside = await train(ill);
    for (const k of [0, 2]) {
      expect(ofTrial(beside.losses, k)).toEqual(ofTrial(healthy.losses, k));
      expect(beside.evaluated[k]).toBe(healthy.evaluated[k]);
      expect(beside.parameters[k]).toEqual(healthy.parameters[k]);
    }
    expect(beside.losses[1]).toBeNaN();
  });

  it("gives back the parameters that it was given, and copies", async () => {
    await using executor = await open();
    const { task, optimizer } = await materials(pairs[5] as (typeof pairs)[number]);
    await using program = await executor.program({ task, optimizer, cohortSize, sharedBatches: true });
    const given = initial(task);
    program.load(given);
    const read = await program.parameters();
    expect(read).toEqual(given);
    read[0]?.[0]?.fill(7);
    expect(await program.parameters()).toEqual(given);
  });

  it("starts anew when it is loaded again", async () => {
    await using executor = await open();
    const { task, optimizer } = await materials(pairs[8] as (typeof pairs)[number]);
    await using program = await executor.program({ task, optimizer, cohortSize, sharedBatches: true });
    const train = async () => {
      program.load(initial(task));
      return program.run(segment(task, { groups: 1 }));
    };
    expect(await train()).toEqual(await train());
  });

  it("tells two programs of one kind apart", async () => {
    await using executor = await open();
    const made = await materials(pairs[0] as (typeof pairs)[number]);
    const options = { ...made, cohortSize, sharedBatches: true };
    await using first = await executor.program(options);
    await using second = await executor.program(options);
    first.load(initial(made.task));
    second.load(initial(made.task).reverse());
    const before = await second.evaluate();
    await first.run(segment(made.task));
    expect(await second.evaluate()).toEqual(before);
  });

  it("refuses arrays that do not fit", async () => {
    await using executor = await open();
    const { task, optimizer } = await materials(pairs[5] as (typeof pairs)[number]);
    await using program: Program = await executor.program({ task, optimizer, cohortSize, sharedBatches: false });
    await expect(program.run(segment(task))).rejects.toThrow("load() parameters");
    expect(() => program.load(initial(task, 2))).toThrow("expected parameters of 3 trials, got 2");
    expect(() => program.load(initial(task).map(([w]) => [w as Float32Array]))).toThrow("parameter h needs 36 values");
    program.load(initial(task));
    await expect(program.run({ ...segment(task), steps: 9 })).rejects.toThrow("segment.indices needs 162 rows");
    await expect(program.run({ ...segment(task), learningRates: new Float32Array(1) })).rejects.toThrow(
      "needs 30 values",
    );
    await expect(program.gradients(new Int32Array(1))).rejects.toThrow("expected 18 indices, got 1");
    for (const row of [-1, task.training.size]) {
      const indices = segment(task, { count: 1 }).indices.with(7, row);
      const learningRates = new Float32Array(cohortSize);
      await expect(program.run({ steps: 1, firstStep: 0, indices, learningRates })).rejects.toThrow(`no row ${row}`);
      await expect(program.gradients(indices)).rejects.toThrow(`no row ${row}`);
    }
  });
}

function ofTrial(losses: Float32Array, k: number): number[] {
  return [...losses].filter((_, i) => i % cohortSize === k);
}
