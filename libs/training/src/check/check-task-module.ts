import { countTaskCost, createExecutor, type Program, type ProgramOptions } from "@stride/compile";
import { moduleHash } from "@stride/experiment";
import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { randomStream } from "@stride/random";
import { createTask, loadModules, type Task } from "@stride/tasks";
import type { ModuleTaskSpec, TaskCost } from "@stride/tasks/spec";
import { createExtraInputs } from "../extra-inputs.js";
import { ModuleRefused, named, refusalOf } from "./module-refused.js";

export interface TaskModule {
  readonly spec: Pick<ModuleTaskSpec, "path" | "options">;
  /** The module's text. */
  readonly source: string;
}

/**
 * Makes the task of a user's module and looks at whether it can be trained: it starts alike from one seed and with a finite loss, its step
 * can be compiled, and a trial fares alone as in a cohort of two. Gives what it costs. Throws `ModuleRefused`.
 */
export async function checkTaskModule({ spec, source }: TaskModule): Promise<TaskCost> {
  const sha256 = moduleHash(source);
  const none: TaskCost = { parameters: 0, flopsPerStep: 0, bytesPerStep: 0, evaluationFlops: 0 };
  const modules = await loadModules({ [sha256]: source }).catch((error: unknown) => {
    throw refusalOf(error, "the module");
  });
  const made = await createTask({ kind: "module", ...spec, sha256, cost: none }, modules).catch((error: unknown) => {
    throw refusalOf(error, "its default export");
  });
  const task: Task = {
    ...made,
    init: named("init()", made.init),
    loss: perTrial("loss()", named("loss()", made.loss)),
    evaluate: perTrial("evaluate()", named("evaluate()", made.evaluate)),
    ...(made.project === undefined ? {} : { project: named("project()", made.project) }),
  };
  requireSameStart(task);
  try {
    const cost = countTaskCost(task);
    await requireSeparateTrials(task);
    return cost;
  } catch (error) {
    throw refusalOf(error, "a step");
  }
}

/** The same function, which must give one number a trial: a tensor `[K]`. */
function perTrial(name: string, run: Task["loss"]): Task["loss"] {
  return (parameters, batch) => {
    const losses: unknown = run(parameters, batch);
    const trials = parameters[0]?.shape[0];
    const shape = typeof losses === "object" && losses !== null && "shape" in losses ? losses.shape : undefined;
    if (Array.isArray(shape) && shape.length === 1 && shape[0] === trials) return losses as ReturnType<Task["loss"]>;
    const gave = Array.isArray(shape)
      ? `a tensor [${shape.join(", ")}]`
      : losses === undefined
        ? "nothing"
        : `a ${typeof losses}`;
    throw new ModuleRefused(`${name} must give one number a trial, a tensor [${trials}] here, and gave ${gave}`);
  };
}

/** A tuning seed and a report seed. */
const seeds = [0, 1_000] as const;
const initial = (task: Task, seed: number) => task.init(randomStream({ seed, purpose: "initial-weights" }));

function requireSameStart(task: Task): void {
  const [first, second] = [initial(task, seeds[0]), initial(task, seeds[0])];
  first.forEach((values, i) => {
    const name = task.parameters[i]?.name;
    if (!values.every((value) => Number.isFinite(value))) {
      throw new ModuleRefused(`init() must give finite numbers, and gives others for ${name}`);
    }
    if (!values.every((value, j) => value === second[i]?.[j])) {
      throw new ModuleRefused(
        `init() must give the same numbers for the same seed, and gives others for ${name}: take them from its stream`,
      );
    }
  });
}

/**
 * The initial parameters of a seed, moved by about a tenth: a task whose trials all start alike would hide that it mixes them. Signs are kept,
 * as some tasks need them; what starts at zero throughout moves by 0.1.
 */
function moved(task: Task, seed: number): Float32Array[] {
  return initial(task, seed).map((values, i) => {
    const normals = randomStream({ seed, purpose: "module-check" }).normals(i, values.length);
    const zero = values.every((value) => value === 0);
    return values.map((value, j) => (zero ? 0.1 : 0.1 * value) * (normals[j] as number) + value);
  });
}

/** What one trial's parameters and one batch give. */
interface Findings {
  readonly loss: number;
  readonly evaluation: number;
  readonly gradients: readonly Float32Array[];
}

async function requireSeparateTrials(task: Task): Promise<void> {
  await using executor = await createExecutor("onnx-cpu");
  const optimizer = createOptimizer(optimizerSpecSchema.parse({ kind: "sgd", momentum: 0 }));
  const open = async (cohortSize: number, sharedBatches: boolean) => {
    const options: ProgramOptions = { task, optimizer, cohortSize, sharedBatches };
    return { options, program: await executor.program(options) };
  };
  const alone = await open(1, true);
  const together = await open(2, true);
  const apart = await open(2, false);
  await requireFiniteStart(task, together);
  const trials = seeds.map((seed) => moved(task, seed));
  const single = async (trial: number, group: number) =>
    (await findings(task, alone, { parameters: [trials[trial] as Float32Array[]], groups: [group] }))[0] as Findings;
  const cases = [
    { cohort: together, groups: [0], beside: "another one that shares its batches" },
    { cohort: apart, groups: [0, 1], beside: "another one that has its own batches" },
  ] as const;
  for (const { cohort, groups, beside } of cases) {
    const found = await findings(task, cohort, { parameters: trials, groups });
    for (const [trial, inCohort] of found.entries()) {
      requireSame(task, await single(trial, groups.length === 1 ? 0 : trial), inCohort, beside);
    }
  }
  for (const { program } of [alone, together, apart]) await program[Symbol.asyncDispose]();
}

interface Opened {
  readonly options: ProgramOptions;
  readonly program: Program;
}

async function requireFiniteStart(task: Task, opened: Opened): Promise<void> {
  const parameters = seeds.map((seed) => initial(task, seed));
  const found = await findings(task, opened, { parameters, groups: [0] });
  found.forEach(({ loss, evaluation }, trial) => {
    for (const [name, value] of Object.entries({ "loss()": loss, "evaluate()": evaluation })) {
      if (!Number.isFinite(value)) {
        throw new ModuleRefused(`${name} must be finite at the start, and is ${value} for seed ${seeds[trial]}`);
      }
    }
  });
  // That a step runs, too: its losses were looked at already.
  const { indices, inputs } = batches(task, opened.options, [0]);
  await opened.program.run({ steps: 1, firstStep: 0, indices, inputs, learningRates: new Float32Array(seeds.length) });
}

/** Rows of the training data, a batch for each group, and what a task draws with them. */
function batches(task: Task, program: ProgramOptions, groups: readonly number[]) {
  const { batchSize, training } = task;
  const rows = groups.flatMap((group) =>
    Array.from({ length: batchSize }, (_, i) => (i + group * batchSize) % training.size),
  );
  const indices = Int32Array.from(rows);
  const extra = createExtraInputs({ program, noise: undefined, seeds: groups });
  return { indices, inputs: extra.fill({ steps: 1, firstStep: 0, indices }) };
}

async function findings(
  task: Task,
  { options, program }: Opened,
  given: { readonly parameters: readonly (readonly Float32Array[])[]; readonly groups: readonly number[] },
): Promise<Findings[]> {
  const { indices, inputs } = batches(task, options, given.groups);
  program.load(given.parameters);
  const evaluations = await program.evaluate();
  const { losses, gradients } = await program.gradients(indices, inputs);
  return given.parameters.map((_, k) => ({
    loss: losses[k] as number,
    evaluation: evaluations[k] as number,
    gradients: gradients[k] as Float32Array[],
  }));
}

/** Cohorts of other widths round otherwise, in the last of seven digits; the parameters of the two trials differ in the first. */
const tolerance = 1e-3;

function requireSame(task: Task, alone: Findings, inCohort: Findings, beside: string): void {
  const pairs: [string, ArrayLike<number>, ArrayLike<number>][] = [
    ["loss()", [alone.loss], [inCohort.loss]],
    ["evaluate()", [alone.evaluation], [inCohort.evaluation]],
    ...alone.gradients.map((gradient, i): [string, ArrayLike<number>, ArrayLike<number>] => [
      `the gradient of ${task.parameters[i]?.name}`,
      gradient,
      inCohort.gradients[i] as Float32Array,
    ]),
  ];
  for (const [name, expected, found] of pairs) {
    const size = Math.max(1e-6, ...Array.from(expected, Math.abs).filter(Number.isFinite));
    const place = Array.from(expected).findIndex((value, j) => !isClose(value, found[j] as number, tolerance * size));
    if (place === -1) continue;
    throw new ModuleRefused(
      `trials must not mix: ${name} of one is ${expected[place]} alone and ${found[place]} beside ${beside}. ` +
        "Axis 0 of every parameter is the trial: keep it apart",
    );
  }
}

function isClose(a: number, b: number, apart: number): boolean {
  return Object.is(a, b) || a === b || Math.abs(a - b) <= apart;
}
