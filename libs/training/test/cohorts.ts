import type { Executor } from "@stride/compile";
import {
  type Cohort,
  type CurveChunk,
  noiseSchema,
  rateSpecSchema,
  stabilitySchema,
  type TrainingReport,
  type Trial,
} from "@stride/experiment";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { taskSpecSchema } from "@stride/tasks/spec";
import { train } from "../src/train.js";

export interface TrialRequest {
  readonly task?: unknown;
  readonly optimizer?: unknown;
  readonly schedule?: unknown;
  readonly noise?: unknown;
  readonly stability?: unknown;
  readonly learningRate?: number;
  readonly seed?: number;
  readonly steps?: number;
  readonly evaluateEvery?: number;
}

/** A trial on a small quadratic, except for what is asked for; specs as in a sweep file. */
export function trialOf(request: TrialRequest = {}): Trial {
  const schedule = rateSpecSchema.parse(request.schedule ?? { kind: "constant" });
  return {
    trialId: JSON.stringify(request),
    task: taskSpecSchema.parse(request.task ?? { kind: "quadratic", dimension: 5, conditionNumber: 10 }),
    optimizer: optimizerSpecSchema.parse(request.optimizer ?? { kind: "sgd" }),
    scheduleName: schedule.kind,
    schedule,
    ...(request.noise === undefined ? {} : { noise: noiseSchema.parse(request.noise) }),
    ...(request.stability === undefined ? {} : { stability: stabilitySchema.parse(request.stability) }),
    learningRate: request.learningRate ?? 0.5,
    seed: request.seed ?? 1,
    split: "report",
    steps: request.steps ?? 40,
    evaluateEvery: request.evaluateEvery ?? 10,
  };
}

export function cohortOf(requests: readonly TrialRequest[]): Cohort {
  return { cohortId: "cohort", studyName: "study", trials: requests.map(trialOf) };
}

export async function collect(reports: AsyncIterable<TrainingReport>): Promise<TrainingReport[]> {
  const collected: TrainingReport[] = [];
  for await (const report of reports) collected.push(report);
  return collected;
}

/** Trains to the end on a clock that stands still, so that reports can be compared. */
export function trainAll(executor: Executor, requests: readonly TrialRequest[]): Promise<TrainingReport[]> {
  return collect(train({ cohort: cohortOf(requests), executor, now: () => 0 }));
}

export function resultsOf(reports: readonly TrainingReport[]) {
  const results = reports.at(-1)?.results;
  if (results === undefined) throw new Error("the last report has no results");
  return results;
}

/** One trial's curve over all reports, chunks joined. */
export function curveOf(reports: readonly TrainingReport[], { trialId }: Pick<Trial, "trialId">) {
  const chunks = reports.flatMap((report) => report.chunks).filter((chunk) => chunk.trialId === trialId);
  const numbers = (of: (chunk: CurveChunk) => ArrayLike<number>) => chunks.flatMap((chunk) => Array.from(of(chunk)));
  return {
    firstSteps: chunks.map(({ firstStep }) => firstStep),
    trainingLosses: numbers(({ trainingLosses }) => trainingLosses),
    learningRates: numbers(({ learningRates }) => learningRates),
    seenLosses: numbers(({ seenLosses }) => seenLosses ?? []),
    lowestRates: numbers(({ lowestRates }) => lowestRates ?? []),
    highestRates: numbers(({ highestRates }) => highestRates ?? []),
    bounds: numbers(({ bounds }) => bounds ?? []),
    evaluations: reports
      .flatMap((report) => report.evaluations)
      .filter((evaluation) => evaluation.trialId === trialId)
      .map(({ step, loss }) => ({ step, loss })),
  };
}
