import {
  type Cohort,
  type Evaluation,
  noiseSchema,
  type PlannedStudy,
  type ResultStore,
  type Trial,
  type TrialResult,
} from "@stride/experiment";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { scheduleSpecSchema } from "@stride/schedules/spec";
import { taskSpecSchema } from "@stride/tasks/spec";
import fc from "fast-check";

/** Where a trial's cohort is left. */
const fates = ["finished", "finished", "finished", "failed", "planned", "running"] as const;

const tasks = [4, 8].map((dimension) => taskSpecSchema.parse({ kind: "quadratic", dimension, conditionNumber: 10 }));
const optimizers = [{ kind: "sgd", momentum: 0.9 }, { kind: "adam" }].map((spec) => optimizerSpecSchema.parse(spec));
const noises = [undefined, noiseSchema.parse({ kind: "labels", strength: 0.1 })];
const schedules = ["constant", "cosine", "greedy"].map((kind) => scheduleSpecSchema.parse({ kind }));
const drawnGreedy = scheduleSpecSchema.parse({ kind: "greedy", patience: 7 });

/** Greedy's draws are at a rate of the others' grid and at a rate that all others draw as well. */
const isDrawn = ({ schedule, learningRate }: Cell) =>
  learningRate === 3 || (learningRate === 1 && schedule.kind === "greedy");

const cell = fc.record({
  task: fc.constantFrom(...tasks),
  optimizer: fc.constantFrom(...optimizers),
  noise: fc.constantFrom(...noises),
  schedule: fc.constantFrom(...schedules),
  learningRate: fc.constantFrom(0.1 + 1e-7, 1, 3),
  split: fc.constantFrom("tuning" as const, "report" as const),
  seed: fc.constantFrom(0, 1, 2 ** 52 + 1),
});

const withinViews = (loss: number) => (Math.abs(loss) < 1e-300 ? 0 : loss);

/** Every kind of loss there is; of the finite ones those that `stride.trial_value`, and so the SQL views, take as they are. */
export const anyLoss = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, -0, 0.5, 1, 1.004, 1.02, 1.2, 3, -1, -1.001) },
  { weight: 4, arbitrary: fc.double({ min: 0, max: 10, noNaN: true }).map(withinViews) },
  { weight: 1, arbitrary: fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e300) },
);

type Cell = typeof cell extends fc.Arbitrary<infer Value> ? Value : never;
type Losses = Pick<TrialResult, "finalEvaluationLoss" | "bestEvaluationLoss" | "areaUnderCurve">;

interface RandomTrial extends Losses {
  readonly cell: Cell;
  readonly fate: (typeof fates)[number];
  readonly diverged: boolean;
  /** Held-out losses after 0, 10, … steps. */
  readonly evaluations: readonly number[];
}

/** A study by what became of each of its trials; `cancelled` at the end or not. */
export interface RandomStudy {
  readonly trials: readonly RandomTrial[];
  readonly cancelled: boolean;
}

/** Any subset of a small grid: two tasks, optimizers and noises, three schedules, rates and seeds, two splits. */
export function randomStudies(loss: fc.Arbitrary<number> = anyLoss): fc.Arbitrary<RandomStudy> {
  const trial = fc.record({
    cell,
    fate: fc.constantFrom(...fates),
    diverged: fc.integer({ min: 0, max: 9 }).map((tenth) => tenth === 0),
    finalEvaluationLoss: loss,
    bestEvaluationLoss: loss,
    areaUnderCurve: loss,
    evaluations: fc.array(loss, { maxLength: 5 }),
  });
  const selector = (one: RandomTrial) => JSON.stringify([one.cell, one.cell.noise]);
  return fc.record({
    trials: fc.uniqueArray(trial, { minLength: 1, maxLength: 250, selector, size: "max" }),
    cancelled: fc.integer({ min: 0, max: 3 }).map((quarter) => quarter === 0),
  });
}

/** Stores the study under this name and leads each cohort to its fate. The store must allow one attempt. */
export async function store(into: ResultStore, name: string, study: RandomStudy, sweep: unknown = {}): Promise<void> {
  const cohorts = plan(name, study);
  await into.submitStudy({ name, sweep, source: "", cohorts: cohorts.map(({ cohort }) => cohort) });
  for (const { cohort, fate, results, evaluations } of cohorts) {
    if (fate === "planned") continue;
    const answer = await into.startAttempt({ cohortId: cohort.cohortId, workerId: "worker", executor: "tfjs-cpu" });
    if (answer.kind !== "continue") throw new Error(`the attempt was refused: ${JSON.stringify(answer)}`);
    const key = { cohortId: cohort.cohortId, token: answer.token };
    await into.report({ ...key, step: 40, chunks: [], evaluations });
    if (fate === "finished") await into.finishAttempt({ ...key, results });
    if (fate === "failed") await into.abandonAttempt({ ...key, end: "failed", message: "" });
  }
  if (study.cancelled) await into.setStudyState(name, "cancelled");
}

interface PlannedCohort {
  readonly cohort: PlannedStudy["cohorts"][number];
  readonly fate: RandomTrial["fate"];
  readonly results: readonly TrialResult[];
  readonly evaluations: readonly Evaluation[];
}

interface GrowingCohort extends PlannedCohort {
  readonly cohort: Cohort & { readonly trials: Trial[] };
  readonly results: TrialResult[];
  readonly evaluations: Evaluation[];
}

/** One cohort a task, optimizer, noise and fate. */
function plan(name: string, { trials }: RandomStudy): readonly PlannedCohort[] {
  const cohorts = new Map<string, GrowingCohort>();
  for (const [index, { cell, fate, diverged, evaluations, ...losses }] of trials.entries()) {
    const { noise, ...rest } = cell;
    const id = `${name}-${tasks.indexOf(cell.task)}-${optimizers.indexOf(cell.optimizer)}-${noises.indexOf(noise)}-${fate}`;
    const cohort = { cohortId: id, studyName: name, trials: [] };
    const planned: GrowingCohort = cohorts.get(id) ?? { cohort, fate, results: [], evaluations: [] };
    cohorts.set(id, planned);
    const trialId = `${name}-${index}`;
    const { kind: scheduleName } = cell.schedule;
    planned.cohort.trials.push({
      ...rest,
      ...(noise === undefined ? {} : { noise }),
      ...(isDrawn(cell) ? { drawn: true } : {}),
      ...(isDrawn(cell) && scheduleName === "greedy" ? { schedule: drawnGreedy } : {}),
      ...{ trialId, scheduleName, steps: 40, evaluateEvery: 10 },
    });
    planned.evaluations.push(...evaluations.map((loss, place) => ({ trialId, step: 10 * place, loss })));
    planned.results.push({
      trialId,
      outcome: diverged ? { kind: "diverged", step: 17 } : { kind: "completed" },
      steps: diverged ? 17 : 40,
      ...losses,
      forwardPasses: 40 + index,
      backwardPasses: 40,
      seconds: 0.5,
    });
  }
  return [...cohorts.values()];
}
