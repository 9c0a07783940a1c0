import { optimizerLabel } from "@stride/optimizers/spec";
import { taskLabel } from "@stride/tasks/spec";
import { canonicalJson } from "../canonical-json.js";
import type { Trial } from "../domain.js";
import { InvalidArgument } from "../errors.js";
import { noiseLabel } from "../noise.js";
import type { PlannedStudy, SubmitResult } from "../ports.js";
import { emptyCohort, type Records, type StudyRecord } from "./records.js";

/** Adds what is new of a study, or throws and changes nothing. */
export function submit(records: Records, planned: PlannedStudy, createdAt: Date): SubmitResult {
  const { name, sweep, cohorts } = structuredClone(planned);
  const known = records.studies.get(name);
  if (known?.agent) {
    throw new InvalidArgument(`the study ${name} is an agent's: submit these trials under another name`);
  }
  const fresh = cohorts
    .map((cohort) => ({ ...cohort, trials: cohort.trials.filter(({ trialId }) => !records.trialIds.has(trialId)) }))
    .filter(({ trials }) => trials.length > 0);
  const added = fresh.flatMap(({ trials }) => trials);
  requireCompatible({ name, known }, added);
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
    for (const [hash, text] of Object.entries(cohort.modules ?? {})) records.modules.set(hash, text);
  }
  const submitted = cohorts.reduce((sum, { trials }) => sum + trials.length, 0);
  return { added: added.length, existing: submitted - added.length };
}

function requireCompatible(
  { name, known }: { readonly name: string; readonly known: StudyRecord | undefined },
  added: readonly Trial[],
): void {
  if (known?.state === "cancelled" && added.length > 0) {
    throw new InvalidArgument(`study ${name} is cancelled, which is final: submit its sweep under another name`);
  }
  const first = new Map<string, string | number>();
  for (const [what, meaning] of (known?.cohorts ?? []).flatMap(({ cohort }) => cohort.trials.flatMap(meanings))) {
    if (!first.has(what)) first.set(what, meaning);
  }
  for (const [what, now] of added.flatMap(meanings)) {
    const before = first.get(what) ?? now;
    first.set(what, before);
    if (before === now) continue;
    throw new InvalidArgument(
      `study ${name} has trials with ${what} ${before}, and this sweep says ${now}: their results cannot be compared ` +
        "under one name. Submit it as another study, or give what changed another name",
    );
  }
}

/**
 * Trials of a study are compared by names: each means one thing, and all train equally long and are judged as often. Draws of a
 * schedule differ, and are told apart by their rates.
 */
function meanings(trial: Trial): readonly (readonly [string, string | number])[] {
  const [task, optimizer, noise] = [taskLabel(trial.task), optimizerLabel(trial.optimizer), noiseLabel(trial.noise)];
  const spec = canonicalJson(trial.schedule);
  const schedule = trial.stability === undefined ? spec : `${spec} with stability ${canonicalJson(trial.stability)}`;
  const place = `on ${task}, ${optimizer} and noise ${noise}`;
  return [
    ["steps", trial.steps],
    ["evaluate.every", trial.evaluateEvery],
    [`task ${task}`, canonicalJson(trial.task)],
    [`optimizer ${optimizer}`, canonicalJson(trial.optimizer)],
    [`noise ${noise}`, canonicalJson(trial.noise ?? null)],
    ...(trial.drawn ? [] : [[`schedule ${trial.scheduleName}`, schedule] as const]),
    [
      `schedule ${trial.scheduleName} at rate ${trial.learningRate} ${place}`,
      trial.drawn ? `${schedule} (drawn)` : schedule,
    ],
  ];
}
