import { optimizerLabel } from "@stride/optimizers/spec";
import { taskLabel } from "@stride/tasks/spec";
import type { Trial, TrialOutcome } from "../domain.js";
import { joinedCurve } from "../joined-curve.js";
import { noiseLabel } from "../noise.js";
import type { StudyStatus, TrialCurve, TrialRow } from "../ports.js";
import type { CohortRecord, StudyRecord } from "./records.js";

function outcomeOf(record: CohortRecord, { trialId }: Trial): TrialOutcome {
  if (record.state !== "finished") return record.state;
  return record.results.get(trialId)?.outcome.kind ?? "completed";
}

/** The steps of a finished cohort count as all done, a diverged trial's too: nothing of them is left to wait for. */
function stepsDoneBy({ state, attempts }: CohortRecord, steps: number): number {
  if (state === "finished") return steps;
  return state === "running" ? (attempts.at(-1)?.step ?? 0) : 0;
}

/** Episodes of the iterations that are planned count as trials of an agent's study. */
export function statusOf({ name, state: studyState, createdAt, cohorts }: StudyRecord): StudyStatus {
  const trials = { planned: 0, running: 0, completed: 0, diverged: 0, failed: 0, cancelled: 0 };
  let [stepsPlanned, stepsDone] = [0, 0];
  for (const record of cohorts) {
    const { work, state } = record;
    if (work !== undefined) {
      const finished = state === "finished";
      trials[finished ? "completed" : state] += work.count - work.diverged;
      trials.diverged += work.diverged;
      stepsPlanned += work.count * work.steps;
      stepsDone += work.count * stepsDoneBy(record, work.steps);
    }
    for (const trial of record.cohort.trials) {
      trials[outcomeOf(record, trial)] += 1;
      stepsPlanned += trial.steps;
      stepsDone += stepsDoneBy(record, trial.steps);
    }
  }
  const unfinishedCohorts = cohorts.filter((each) => each.state === "planned" || each.state === "running").length;
  return {
    name,
    state: studyState,
    createdAt,
    trials,
    stepsPlanned,
    stepsDone,
    cohorts: cohorts.length,
    unfinishedCohorts,
  };
}

export function rowOf(record: CohortRecord, trial: Trial): TrialRow {
  const { trialId, scheduleName, learningRate, seed, split } = trial;
  const result = record.results.get(trialId);
  return {
    trialId,
    cohortId: record.cohort.cohortId,
    task: taskLabel(trial.task),
    optimizer: optimizerLabel(trial.optimizer),
    noise: noiseLabel(trial.noise),
    schedule: scheduleName,
    learningRate,
    drawn: trial.drawn ?? false,
    seed,
    split,
    outcome: outcomeOf(record, trial),
    steps: result?.steps ?? 0,
    finalEvaluationLoss: result?.finalEvaluationLoss ?? null,
    bestEvaluationLoss: result?.bestEvaluationLoss ?? null,
    areaUnderCurve: result?.areaUnderCurve ?? null,
    forwardPasses: result?.forwardPasses ?? 0,
    backwardPasses: result?.backwardPasses ?? 0,
    seconds: result?.seconds ?? 0,
    attempts: record.attempts.length,
    executor: record.attempts.at(-1)?.executor ?? null,
  };
}

export function curveOf(record: CohortRecord, { trialId }: Trial): TrialCurve {
  const chunks = [...record.chunks.values()].filter((chunk) => chunk.trialId === trialId);
  const evaluations = [...record.evaluations.values()]
    .filter((evaluation) => evaluation.trialId === trialId)
    .sort((left, right) => left.step - right.step);
  return joinedCurve(trialId, chunks, evaluations);
}
