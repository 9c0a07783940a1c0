import { optimizerLabel } from "@stride/optimizers/spec";
import { taskLabel } from "@stride/tasks/spec";
import { canonicalJson } from "../canonical-json.js";
import type { Trial } from "../domain.js";
import { InvalidArgument } from "../errors.js";
import type { PlannedStudy, SubmitResult } from "../ports.js";
import { emptyCohort, type Records, type StudyRecord } from "./records.js";

/** Adds what is new of a study, or throws and changes nothing. */
export function submit(records: Records, planned: PlannedStudy, createdAt: Date): SubmitResult {
  const { name, sweep, cohorts } = structuredClone(planned);
  const known = records.studies.get(name);
  const fresh = cohorts
    .map((cohort) => ({ ...cohort, trials: cohort.trials.filter(({ trialId }) => !records.trialIds.has(trialId)) }))
    .filter(({ trials }) => trials.length > 0);
  const added = fresh.flatMap(({ trials }) => trials);
  if (known !== undefined && added.length > 0) requireCompatible(known, added);
  for (const { cohortId } of fresh) {
    if (records.cohorts.has(cohortId)) {
      throw new InvalidArgument(`cohort ${cohortId} is stored already, but not with all of these trials`);
    }
  }
  const study: StudyRecord = known ?? { name, createdAt, state: "running", sweep, cohorts: [] };
  study.sweep = sweep;
  records.studies.set(name, study);
  for (const cohort of fresh) {
    const record = emptyCohort(cohort, study);
    study.cohorts.push(record);
    records.cohorts.set(cohort.cohortId, record);
    for (const { trialId } of cohort.trials) records.trialIds.add(trialId);
  }
  const submitted = cohorts.reduce((sum, { trials }) => sum + trials.length, 0);
  return { added: added.length, existing: submitted - added.length };
}

function requireCompatible(study: StudyRecord, added: readonly Trial[]): void {
  if (study.state === "cancelled") {
    throw new InvalidArgument(`study ${study.name} is cancelled, which is final: submit its sweep under another name`);
  }
  const stored = new Map(
    study.cohorts.flatMap(({ cohort }) => cohort.trials.map((trial) => [placeOf(trial), meaningOf(trial)])),
  );
  for (const trial of added) {
    const before = stored.get(placeOf(trial));
    if (before === undefined || before === meaningOf(trial)) continue;
    throw new InvalidArgument(
      `study ${study.name} has trials of schedule ${trial.scheduleName} that mean something else: ${before}, and this sweep ` +
        `says ${meaningOf(trial)}. Submit it as another study, or give what changed another name`,
    );
  }
}

/** Where a trial stands in a comparison, apart from its seed. */
function placeOf({ task, optimizer, scheduleName, learningRate }: Trial): string {
  return canonicalJson([taskLabel(task), optimizerLabel(optimizer), scheduleName, learningRate]);
}

function meaningOf({ task, optimizer, schedule, steps, evaluateEvery }: Trial): string {
  return canonicalJson({ task, optimizer, schedule, steps, evaluateEvery });
}
