import { createOptimizer, createSteeredOptimizer, type Optimizer } from "@stride/optimizers";
import { gradientRuleSpecSchema, optimizerSpecSchema } from "@stride/optimizers/spec";
import { createTask, type Task } from "@stride/tasks";
import { taskSpecSchema } from "@stride/tasks/spec";
import { expect, it } from "vitest";
import type { Executor, Perturbation, Segment, SegmentResult, Watch } from "../src/index.js";
import { stepInputs } from "../src/index.js";
import { cohortSize, distance, initial, segment } from "./executor-contract.js";
import { values } from "./fixtures.js";

const nmf = taskSpecSchema.parse({
  kind: "nmf",
  data: "synthetic",
  rows: 24,
  evaluationRows: 8,
  columns: 12,
  rank: 3,
  trueRank: 2,
  batch: 6,
});
const sgd = optimizerSpecSchema.parse({ kind: "sgd" });
const lineSearch = gradientRuleSpecSchema.parse({ kind: "line-search" });
const steps = 10;

const clipped = (bound: "ray" | "block", fraction: number): Watch => ({ stability: { bound, fraction, clip: true } });
const cases: readonly { readonly name: string; readonly watch: Watch; readonly perturbation?: Perturbation }[] = [
  { name: "gradient norms", watch: { gradientNorms: true } },
  { name: "the ray bound", watch: { gradientNorms: true, stability: { bound: "ray", fraction: 1, clip: false } } },
  { name: "half the block bound", watch: { stability: { bound: "block", fraction: 0.5, clip: false } } },
  { name: "the ray bound, held to it", watch: clipped("ray", 1) },
  { name: "half the block bound, held to it", watch: clipped("block", 0.5) },
  { name: "the ray bound of a noisy loss", watch: clipped("ray", 1), perturbation: { inputs: true } },
  {
    name: "the norms and ray bound of noisy gradients",
    watch: { gradientNorms: true, ...clipped("ray", 1) },
    perturbation: { gradients: "absolute" },
  },
];

/** What every executor promises of what a watch asks for. */
export function watchedContract(
  open: () => Promise<Executor>,
  { reference, tolerance }: { reference: () => Promise<Executor>; tolerance: number },
): void {
  interface Training {
    readonly task: Task;
    readonly optimizer?: Optimizer;
    readonly watch?: Watch;
    readonly perturbation?: Perturbation;
    readonly segments: readonly Segment[];
    readonly parameters?: Float32Array[][];
  }
  const train = async (executor: Executor, training: Training) => {
    const { task, optimizer = createOptimizer(sgd), watch, perturbation = {}, segments, parameters } = training;
    const options = { task, optimizer, cohortSize, sharedBatches: false, perturbation };
    const inputs = ({ steps: count, firstStep }: Segment) =>
      stepInputs(options).map(({ name, shape }) => {
        const size = shape.reduce((product, extent) => product * extent, 1);
        const all = values((firstStep + count) * size, 17).slice(firstStep * size);
        return [name, all.map((value) => 0.1 * value)] as const;
      });
    await using program = await executor.program(watch === undefined ? options : { ...options, watch });
    program.load(parameters ?? initial(task));
    const told: SegmentResult[] = [];
    for (const each of segments) told.push(await program.run({ ...each, inputs: Object.fromEntries(inputs(each)) }));
    return { told, parameters: await program.parameters() };
  };
  /** From 5 to 15, where without a bound an NMF is lost at once. */
  const large = (task: Task, firstStep = 0, count = steps) => segment(task, { firstStep, count, rateScale: 500 });
  const given = ({ stability }: Watch) => (stability?.clip === true ? large : (task: Task) => segment(task));
  const norm = (trial: readonly Float32Array[]) => Math.hypot(...trial.flatMap((values) => [...values]));

  it.each(cases)("tells $name as the reference does", async ({ watch, perturbation }) => {
    await using executor = await open();
    await using expected = await reference();
    const task = await createTask(nmf);
    const training = { task, watch, segments: [given(watch)(task)], ...(perturbation && { perturbation }) };
    const [ours, theirs] = [await train(executor, training), await train(expected, training)];
    const [told, wanted] = [ours.told[0], theirs.told[0]] as [SegmentResult, SegmentResult];
    // Bounds are roots, which lose digits, and steps at the bound carry that on.
    const loose = 100 * tolerance;
    expect(Object.keys(told).sort()).toEqual(Object.keys(wanted).sort());
    expect(told.gradientNorms !== undefined).toBe(watch.gradientNorms === true);
    expect(told.bounds !== undefined).toBe(watch.stability !== undefined);
    expect(distance(told.losses, wanted.losses)).toBeLessThan(loose);
    for (const name of ["gradientNorms", "bounds"] as const) {
      if (told[name] !== undefined) expect(distance(told[name], wanted[name] as Float32Array)).toBeLessThan(loose);
    }
  });

  it("tells the norm of the gradient that it steps along", async () => {
    await using executor = await open();
    const task = await createTask(nmf);
    const one = segment(task, { count: 1 });
    const { told } = await train(executor, { task, watch: { gradientNorms: true }, segments: [one] });
    await using program = await executor.program({
      task,
      optimizer: createOptimizer(sgd),
      cohortSize,
      sharedBatches: false,
    });
    program.load(initial(task));
    const { gradients } = await program.gradients(one.indices);
    const norms = Float32Array.from(gradients, norm);
    expect(distance(told[0]?.gradientNorms as Float32Array, norms)).toBeLessThan(tolerance);
  });

  it.each(["ray", "block"] as const)(
    "takes the lesser of the given rate and the %s bound, and tells it",
    async (bound) => {
      await using executor = await open();
      const task = await createTask(nmf);
      // Some of these rates are above the bounds and some below.
      const segments = [segment(task, { count: steps, rateScale: 60 })];
      const { told, parameters } = await train(executor, { task, watch: clipped(bound, 1), segments });
      const [{ bounds, rates }] = told as [SegmentResult];
      const [asked] = segments.map(({ learningRates }) => learningRates) as [Float32Array];
      const taken = asked.map((rate, i) => Math.min(rate, bounds?.[i] as number));
      expect(rates).toEqual({ mean: taken, lowest: taken, highest: taken });
      expect(taken).not.toEqual(asked);
      expect(taken).not.toEqual(bounds);
      const replayed = await train(executor, {
        task,
        segments: segments.map((one) => ({ ...one, learningRates: taken })),
      });
      parameters.flat().forEach((values, i) => {
        expect(distance(values, replayed.parameters.flat()[i] as Float32Array)).toBeLessThan(10 * tolerance);
      });
    },
  );

  it("keeps a training at rates that would lose it", async () => {
    await using executor = await open();
    const task = await createTask(nmf);
    const segments = [large(task)];
    const free = await train(executor, { task, segments });
    const held = await train(executor, { task, segments, watch: clipped("ray", 0.5) });
    const [lost, kept] = [free, held].map(({ told }) => [...(told[0]?.losses ?? [])]) as [number[], number[]];
    // Without it the factors end at zero, where the projection leaves them.
    for (let k = 0; k < cohortSize; k++) {
      const [first, last] = [kept[k], kept[(steps - 1) * cohortSize + k]] as [number, number];
      expect(last).toBeLessThan(first);
      expect(lost[(steps - 1) * cohortSize + k]).toBeGreaterThan(2 * last);
    }
  });

  it.each(cases)("gives equal bits with $name however a run is cut", async ({ watch, perturbation }) => {
    await using executor = await open();
    const task = await createTask(nmf);
    const cut = (...lengths: number[]) => {
      let from = 0;
      const segments = lengths.map((count) => {
        from += count;
        return watch.stability?.clip === true
          ? large(task, from - count, count)
          : segment(task, { firstStep: from - count, count });
      });
      return train(executor, { task, watch, segments, ...(perturbation && { perturbation }) });
    };
    const [whole, parts] = [await cut(steps), await cut(3, steps - 3)];
    expect(parts.parameters).toEqual(whole.parameters);
    for (const name of ["losses", "bounds", "gradientNorms"] as const) {
      expect(parts.told.flatMap((each) => [...(each[name] ?? [])])).toEqual([...(whole.told[0]?.[name] ?? [])]);
    }
  });

  it("keeps the bounds of trials apart", async () => {
    await using executor = await open();
    const task = await createTask(nmf);
    const training = { task, watch: { gradientNorms: true, ...clipped("ray", 1) }, segments: [large(task)] };
    const healthy = await train(executor, training);
    const ill = initial(task).map((trial, k) => (k === 1 ? trial.map((each) => each.map(() => Number.NaN)) : trial));
    const beside = await train(executor, { ...training, parameters: ill });
    for (const k of [0, 2]) {
      expect(beside.parameters[k]).toEqual(healthy.parameters[k]);
      for (const name of ["bounds", "gradientNorms"] as const) {
        const ofTrial = ({ told }: typeof healthy) =>
          [...(told[0]?.[name] ?? [])].filter((_, i) => i % cohortSize === k);
        expect(ofTrial(beside)).toEqual(ofTrial(healthy));
      }
    }
  });

  it("tells norms and bounds of a rule that searches, and holds its base rates", async () => {
    await using executor = await open();
    await using expected = await reference();
    const task = await createTask(nmf);
    const optimizer = createSteeredOptimizer({ optimizer: sgd, rule: lineSearch, batchesPerEpoch: 4 });
    const training = {
      task,
      optimizer,
      watch: { gradientNorms: true, ...clipped("ray", 0.01) },
      segments: [large(task, 0, 1)],
    };
    const [ours, theirs] = [await train(executor, training), await train(expected, training)];
    const [told, wanted] = [ours.told[0], theirs.told[0]] as [SegmentResult, SegmentResult];
    for (const name of ["gradientNorms", "bounds"] as const) {
      expect(distance(told[name] as Float32Array, wanted[name] as Float32Array)).toBeLessThan(100 * tolerance);
    }
    // The first rate that the search tries is the base rate, and a hundredth of the bound is small enough to be taken.
    expect(told.rates?.mean).toEqual(told.bounds);
  });

  it("refuses a bound of a task that has none", async () => {
    await using executor = await open();
    const task = await createTask(taskSpecSchema.parse({ kind: "quadratic", dimension: 5 }));
    const program = executor.program({
      task,
      optimizer: createOptimizer(sgd),
      cohortSize,
      sharedBatches: false,
      watch: clipped("ray", 1),
    });
    await expect(program).rejects.toThrow("this task has no stability bound that could be watched");
  });
}
