import { createOptimizer, createSteeredOptimizer } from "@stride/optimizers";
import { gradientRuleSpecSchema, type OptimizerSpec, optimizerSpecSchema } from "@stride/optimizers/spec";
import { createTask, type Task } from "@stride/tasks";
import { taskSpecSchema } from "@stride/tasks/spec";
import { expect, it } from "vitest";
import { type Executor, type ProgramOptions, type Segment, type SegmentResult, stepInputs } from "../src/index.js";
import { cohortSize, distance, initial, segment } from "./executor-contract.js";
import { values } from "./fixtures.js";

const sgd = optimizerSpecSchema.parse({ kind: "sgd" });
const adam = optimizerSpecSchema.parse({ kind: "adam" });
const adamw = optimizerSpecSchema.parse({ kind: "adamw" });

const tasks = [
  { kind: "quadratic", dimension: 5 },
  { kind: "nmf", data: "synthetic", rows: 24, evaluationRows: 8, columns: 12, rank: 3, trueRank: 2, batch: 6 },
  { kind: "mlp", data: "mnist", hidden: [12, 9], trainingSize: 64, evaluationSize: 32, batch: 16 },
].map((spec) => taskSpecSchema.parse(spec));

/** Every rule, with base rates from `rate` to three times it. */
const rules: readonly { readonly rule: unknown; readonly optimizer: OptimizerSpec; readonly rate: number }[] = [
  { rule: { kind: "line-search" }, optimizer: sgd, rate: 0.5 },
  { rule: { kind: "polyak" }, optimizer: sgd, rate: 0.1 },
  { rule: { kind: "hypergradient", scope: "global", beta: 1e-3 }, optimizer: sgd, rate: 0.01 },
  { rule: { kind: "hypergradient", scope: "group", beta: 1e-3 }, optimizer: sgd, rate: 0.01 },
  { rule: { kind: "hypergradient", scope: "parameter", beta: 1e-3 }, optimizer: sgd, rate: 0.01 },
  { rule: { kind: "hypergradient", beta: 1e-5 }, optimizer: adam, rate: 0.01 },
  { rule: { kind: "d-adaptation", initialDistance: 1e-3, growth: 1.5 }, optimizer: sgd, rate: 0.3 },
  { rule: { kind: "d-adaptation", initialDistance: 1e-3, growth: 1.5 }, optimizer: adamw, rate: 0.3 },
  { rule: { kind: "prodigy", initialDistance: 1e-3 }, optimizer: adam, rate: 0.3 },
  { rule: { kind: "dog", initialReach: 0.01 }, optimizer: sgd, rate: 0.3 },
  { rule: { kind: "dog", initialReach: 0.01, scope: "group" }, optimizer: sgd, rate: 0.3 },
  { rule: { kind: "schedule-free", warmupSteps: 4 }, optimizer: sgd, rate: 0.02 },
  { rule: { kind: "schedule-free" }, optimizer: adamw, rate: 0.01 },
];

const cases = rules.flatMap(({ rule, optimizer, rate }) =>
  tasks.map((task) => {
    const parsed = gradientRuleSpecSchema.parse(rule);
    const scope = "scope" in parsed ? ` by ${parsed.scope}` : "";
    return {
      name: `${parsed.kind}${scope} with ${optimizer.kind} on ${task.kind}`,
      rule: parsed,
      optimizer,
      rate,
      task,
    };
  }),
);

async function programOf({ rule, optimizer, task: spec }: (typeof cases)[number]): Promise<ProgramOptions> {
  const task = await createTask(spec);
  const steered = createSteeredOptimizer({ optimizer, rule, batchesPerEpoch: 4 });
  return { task, optimizer: steered, cohortSize, sharedBatches: false };
}

/** Base rates that differ from trial to trial and stay from step to step. */
function constantRates(task: Task, rate: number, from: number, count: number): Segment {
  const given = segment(task, { firstStep: from, count });
  return { ...given, learningRates: given.learningRates.map((_, i) => rate * (1 + (i % cohortSize))) };
}

const steps = 10;

/** What every executor promises of rules that set their rates from gradients, of noise, and of draws. */
export function steeredContract(
  open: () => Promise<Executor>,
  { reference, tolerance }: { reference: () => Promise<Executor>; tolerance: number },
): void {
  const train = async (executor: Executor, options: ProgramOptions, segments: readonly Segment[]) => {
    await using program = await executor.program(options);
    program.load(initial(options.task));
    const told: SegmentResult[] = [];
    for (const each of segments) told.push(await program.run(each));
    return { told, evaluated: await program.evaluate(), parameters: await program.parameters() };
  };

  it.each(cases)("takes $name as the reference does", async (one) => {
    await using executor = await open();
    await using expected = await reference();
    const options = await programOf(one);
    const whole = [constantRates(options.task, one.rate, 0, steps)];
    const [ours, theirs] = [await train(executor, options, whole), await train(expected, options, whole)];
    const [told, wanted] = [ours.told[0], theirs.told[0]] as [SegmentResult, SegmentResult];
    // Rates follow from differences of losses or gradients, which lose digits.
    const loose = 30 * tolerance;
    expect(distance(told.losses, wanted.losses)).toBeLessThan(loose);
    expect(distance(ours.evaluated, theirs.evaluated)).toBeLessThan(loose);
    for (const which of ["mean", "lowest", "highest"] as const) {
      expect(distance(told.rates?.[which] as Float32Array, wanted.rates?.[which] as Float32Array)).toBeLessThan(loose);
    }
    expect(told.extraPasses).toEqual(wanted.extraPasses);
    expect([...told.losses].every(Number.isFinite)).toBe(true);
  });

  it.each(cases)("gives equal bits for $name however a run is cut", async (one) => {
    await using executor = await open();
    const options = await programOf(one);
    const cut = (...lengths: number[]) => {
      let from = 0;
      return lengths.map((count) => {
        const made = constantRates(options.task, one.rate, from, count);
        from += count;
        return made;
      });
    };
    const [whole, halves] = [
      await train(executor, options, cut(steps)),
      await train(executor, options, cut(4, steps - 4)),
    ];
    expect(halves.parameters).toEqual(whole.parameters);
    expect(halves.evaluated).toEqual(whole.evaluated);
    expect(halves.told.flatMap(({ losses }) => [...losses])).toEqual([...(whole.told[0]?.losses ?? [])]);
  });

  const [, , mlp] = tasks as [unknown, unknown, (typeof tasks)[number]];
  const dropping = [
    { kind: "cnn", data: "mnist", channels: [4], dropout: 0.5, trainingSize: 32, evaluationSize: 8, batch: 8 },
    {
      kind: "transformer",
      data: "moby-dick",
      width: 8,
      heads: 2,
      blocks: 1,
      context: 8,
      batch: 4,
      dropout: 0.3,
      trainingSize: 64,
      evaluationSize: 4,
    },
  ].map((spec) => taskSpecSchema.parse(spec));
  const perturbed = [
    { name: "labels", task: mlp, perturbation: { labels: true } },
    { name: "inputs", task: mlp, perturbation: { inputs: true } },
    { name: "gradients", task: mlp, perturbation: { gradients: "absolute" as const } },
    { name: "gradients, by their size", task: mlp, perturbation: { gradients: "relative" as const } },
    ...dropping.map((task) => ({ name: `units of ${task.kind}`, task, perturbation: {} })),
  ];

  it.each(perturbed)("trains under noise on $name as the reference does", async ({ task: spec, perturbation }) => {
    await using executor = await open();
    await using expected = await reference();
    const task = await createTask(spec);
    for (const sharedBatches of [false, true]) {
      const groups = sharedBatches ? 1 : cohortSize;
      const options = { task, optimizer: createOptimizer(sgd), cohortSize, sharedBatches, perturbation };
      const declared = stepInputs(options);
      expect(declared.length).toBeGreaterThan(0);
      const inputs = declared.map(({ name, dtype, shape }) => {
        const drawn = values(steps * shape.reduce((product, extent) => product * extent, 1), 17);
        return [
          name,
          dtype === "int32" ? Int32Array.from(drawn, (x) => Math.floor(5 * (x + 1))) : drawn.map((x) => (x + 1) / 2),
        ] as const;
      });
      const given = { ...segment(task, { count: steps, groups }), inputs: Object.fromEntries(inputs) };
      const [ours, theirs] = [await train(executor, options, [given]), await train(expected, options, [given])];
      const [told, wanted] = [ours.told[0], theirs.told[0]] as [SegmentResult, SegmentResult];
      expect(distance(told.losses, wanted.losses)).toBeLessThan(tolerance);
      expect(distance(ours.evaluated, theirs.evaluated)).toBeLessThan(tolerance);
      expect(told.noisyLosses === undefined).toBe(wanted.noisyLosses === undefined);
      if (told.noisyLosses !== undefined) {
        expect(distance(told.noisyLosses, wanted.noisyLosses as Float32Array)).toBeLessThan(tolerance);
        expect(told.noisyLosses).not.toEqual(told.losses);
      }
    }
  });

  it("refuses a segment without the numbers that its steps ask for", async () => {
    await using executor = await open();
    const task = await createTask(mlp);
    const options = { task, optimizer: createOptimizer(sgd), cohortSize, sharedBatches: true };
    await using program = await executor.program({ ...options, perturbation: { inputs: true } });
    program.load(initial(task));
    await expect(program.run(segment(task, { groups: 1 }))).rejects.toThrow(
      "segment.inputs needs 125440 values of noise:inputs, got none",
    );
  });
}
