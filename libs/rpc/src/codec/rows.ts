import type { StudyState, StudyStatus, TrialOutcome, TrialRow } from "@stride/experiment";
import * as wire from "../gen/stride/v1/laboratory.js";
import { amount, count, enumCodec, identifier, nonEmpty, present, time } from "./fields.js";

export const studyStates = enumCodec<StudyState, wire.StudyState>({
  running: wire.StudyState.RUNNING,
  paused: wire.StudyState.PAUSED,
  cancelled: wire.StudyState.CANCELLED,
});
const trialOutcomes = enumCodec<TrialOutcome, wire.TrialOutcome>({
  planned: wire.TrialOutcome.PLANNED,
  running: wire.TrialOutcome.RUNNING,
  completed: wire.TrialOutcome.COMPLETED,
  diverged: wire.TrialOutcome.DIVERGED,
  failed: wire.TrialOutcome.FAILED,
  cancelled: wire.TrialOutcome.CANCELLED,
});
const splits = enumCodec<TrialRow["split"], wire.Split>({ tuning: wire.Split.TUNING, report: wire.Split.REPORT });

export function encodeStudyStatus(status: StudyStatus): wire.StudyStatus {
  const { name, createdAt, trials, stepsPlanned, stepsDone, cohorts, unfinishedCohorts } = status;
  const { planned, running, completed, diverged, failed, cancelled } = trials;
  return {
    name,
    state: studyStates.encode(status.state),
    createdAt,
    trials: { planned, running, completed, diverged, failed, cancelled },
    stepsPlanned,
    stepsDone,
    cohorts,
    unfinishedCohorts,
  };
}

export function decodeStudyStatus(field: string, message: wire.StudyStatus | undefined): StudyStatus {
  const status = present(field, message);
  const trials = present(`${field}.trials`, status.trials);
  const number = (name: keyof wire.TrialCounts) => count(`${field}.trials.${name}`, trials[name]);
  return {
    name: nonEmpty(`${field}.name`, status.name),
    state: studyStates.decode(`${field}.state`, status.state),
    createdAt: time(`${field}.created_at`, status.createdAt),
    trials: {
      planned: number("planned"),
      running: number("running"),
      completed: number("completed"),
      diverged: number("diverged"),
      failed: number("failed"),
      cancelled: number("cancelled"),
    },
    stepsPlanned: count(`${field}.steps_planned`, status.stepsPlanned),
    stepsDone: count(`${field}.steps_done`, status.stepsDone),
    cohorts: count(`${field}.cohorts`, status.cohorts),
    unfinishedCohorts: count(`${field}.unfinished_cohorts`, status.unfinishedCohorts),
  };
}

export function encodeTrialRow(row: TrialRow): wire.TrialRow {
  return {
    ...row,
    split: splits.encode(row.split),
    outcome: trialOutcomes.encode(row.outcome),
    finalEvaluationLoss: row.finalEvaluationLoss ?? undefined,
    bestEvaluationLoss: row.bestEvaluationLoss ?? undefined,
    areaUnderCurve: row.areaUnderCurve ?? undefined,
    executor: row.executor ?? undefined,
  };
}

export function decodeTrialRow(field: string, row: wire.TrialRow): TrialRow {
  return {
    trialId: identifier(`${field}.trial_id`, row.trialId),
    cohortId: identifier(`${field}.cohort_id`, row.cohortId),
    task: nonEmpty(`${field}.task`, row.task),
    optimizer: nonEmpty(`${field}.optimizer`, row.optimizer),
    noise: nonEmpty(`${field}.noise`, row.noise),
    schedule: nonEmpty(`${field}.schedule`, row.schedule),
    learningRate: amount(`${field}.learning_rate`, row.learningRate),
    drawn: row.drawn,
    seed: row.seed,
    split: splits.decode(`${field}.split`, row.split),
    outcome: trialOutcomes.decode(`${field}.outcome`, row.outcome),
    steps: count(`${field}.steps`, row.steps),
    finalEvaluationLoss: row.finalEvaluationLoss ?? null,
    bestEvaluationLoss: row.bestEvaluationLoss ?? null,
    areaUnderCurve: row.areaUnderCurve ?? null,
    forwardPasses: count(`${field}.forward_passes`, row.forwardPasses),
    backwardPasses: count(`${field}.backward_passes`, row.backwardPasses),
    seconds: amount(`${field}.seconds`, row.seconds),
    attempts: count(`${field}.attempts`, row.attempts),
    executor: row.executor ?? null,
  };
}
