import { type Cohort, InvalidArgument, type PlannedStudy, type SubmitResult, type Trial } from "@stride/experiment";
import { type Configuration, configurationId, configurationReader } from "./configuration.js";
import type { Database, Queryable } from "./database.js";
import { addCohorts } from "./queries/add-cohorts.js";
import { addTrials, type NewTrial } from "./queries/add-trials.js";
import { keepTrace } from "./queries/keep-trace.js";
import { knownOf } from "./queries/known-of.js";
import { putConfigurations, type StoredConfiguration } from "./queries/put-configurations.js";
import { putModules } from "./queries/put-modules.js";
import { putStudy } from "./queries/put-study.js";

/**
 * Adds the trials that are new, with their cohorts, in one transaction; a second submission of one study waits for the first.
 * Throws `InvalidArgument` when a name or a draw's rate means something else in the study already, and then changes nothing.
 */
export function submitStudy(database: Database, study: PlannedStudy): Promise<SubmitResult> {
  return database.transaction(async (transaction) => {
    await requireNoAgent(transaction, study.name);
    const { studyKey, state } = await putStudy(transaction, study);
    const submitted = study.cohorts.flatMap(({ trials }) => trials);
    const known = await knownOf(
      transaction,
      submitted.map(({ trialId }) => trialId),
    );
    const cohorts = newCohorts(study.cohorts, known);
    const added = cohorts.flatMap(({ trials }) => trials);
    if (added.length > 0) {
      if (state === "cancelled") {
        throw new InvalidArgument(
          `study ${study.name} is cancelled, which is final: submit its sweep under another name`,
        );
      }
      const read = configurationReader();
      const wanted = new Map(added.map((trial) => [trial, read(trial)]));
      const stored = await putConfigurations(transaction, { studyKey, configurations: distinct(wanted.values()) });
      requireOneMeaning(study.name, { wanted: wanted.values(), stored: stored.values() });
      const keys = await addCohorts(transaction, {
        studyKey,
        cohorts: cohorts.map(({ cohortId, trials }) => ({
          cohortId,
          trialCount: trials.length,
          steps: trials[0]?.steps ?? 0,
        })),
      });
      const trials = cohorts.flatMap((cohort) => newTrials(cohort, { keys, wanted, stored }));
      await addTrials(transaction, { studyKey, trials });
      await keepTrace(transaction, { studyKey, traceParent: study.traceParent });
      await putModules(transaction, Object.assign({}, ...cohorts.map(({ modules }) => modules)));
    }
    return { added: added.length, existing: submitted.length - added.length };
  });
}

/** The cohorts with what is new of them, the empty ones left out; a trial submitted twice is new once. */
function newCohorts(cohorts: readonly Cohort[], known: ReadonlySet<string>): readonly Cohort[] {
  const seen = new Set(known);
  return cohorts
    .map((cohort) => ({
      ...cohort,
      trials: cohort.trials.filter(({ trialId }) => {
        const fresh = !seen.has(trialId);
        seen.add(trialId);
        return fresh;
      }),
    }))
    .filter(({ trials }) => trials.length > 0);
}

function distinct(configurations: Iterable<Configuration>): readonly Configuration[] {
  return [...new Map([...configurations].map((one) => [configurationId(one), one])).values()];
}

interface Keys {
  readonly keys: ReadonlyMap<string, number>;
  readonly wanted: ReadonlyMap<Trial, Configuration>;
  readonly stored: ReadonlyMap<string, StoredConfiguration>;
}

function newTrials({ cohortId, trials }: Cohort, { keys, wanted, stored }: Keys): readonly NewTrial[] {
  const cohortKey = keys.get(cohortId);
  if (cohortKey === undefined) {
    throw new InvalidArgument(`cohort ${cohortId} is stored already, but not with all of these trials`);
  }
  return trials.map((trial, position) => ({
    trialId: trial.trialId,
    cohortKey,
    configurationKey: stored.get(configurationId(wanted.get(trial) as Configuration))?.configurationKey as number,
    position,
    split: trial.split,
    seed: trial.seed,
  }));
}

interface Meanings {
  readonly wanted: Iterable<Configuration>;
  /** All of the study, what is wanted included. */
  readonly stored: Iterable<StoredConfiguration>;
}

/**
 * Trials of a study are compared by names: each means one thing, and all train equally long and are judged as often. Draws of a
 * schedule differ, and are told apart by their rates.
 */
function requireOneMeaning(studyName: string, { wanted, stored }: Meanings): void {
  const first = new Map<string, string | number>();
  for (const configuration of [...stored].sort((left, right) => left.configurationKey - right.configurationKey)) {
    for (const [what, meaning] of meanings(configuration)) if (!first.has(what)) first.set(what, meaning);
  }
  for (const [what, now] of [...wanted].flatMap(meanings)) {
    const before = first.get(what);
    if (before === now) continue;
    throw new InvalidArgument(
      `study ${studyName} has trials with ${what} ${before}, and this sweep says ${now}: their results cannot be compared ` +
        "under one name. Submit it as another study, or give what changed another name",
    );
  }
}

function meanings(of: Configuration): readonly (readonly [string, string | number])[] {
  const schedule =
    of.stabilitySpec === null ? of.scheduleSpec : `${of.scheduleSpec} with stability ${of.stabilitySpec}`;
  return [
    ["steps", of.steps],
    ["evaluate.every", of.evaluateEvery],
    [`task ${of.task}`, of.taskSpec],
    [`optimizer ${of.optimizer}`, of.optimizerSpec],
    [`noise ${of.noise}`, of.noiseSpec ?? "null"],
    ...(of.drawn ? [] : [[`schedule ${of.schedule}`, schedule] as const]),
    [
      `schedule ${of.schedule} at rate ${of.learningRate} on ${of.task}, ${of.optimizer} and noise ${of.noise}`,
      of.drawn ? `${schedule} (drawn)` : schedule,
    ],
  ];
}

/** A study is an agent's or of trials. */
async function requireNoAgent(transaction: Queryable, name: string): Promise<void> {
  const [policy] = await transaction.query({
    text: "select from stride.policies join stride.studies s using (study_key) where s.name = $1 limit 1",
    values: [name],
  });
  if (policy !== undefined) {
    throw new InvalidArgument(`the study ${name} is an agent's: submit these trials under another name`);
  }
}
