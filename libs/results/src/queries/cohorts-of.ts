import {
  type Cohort,
  moduleHashes,
  type Noise,
  type Split,
  type Stability,
  type Trial,
  withModules,
} from "@stride/experiment";
import type { Queryable } from "../database.js";
import { moduleSources } from "./module-sources.js";

interface TrialRow {
  readonly cohortKey: number;
  readonly cohortId: string;
  readonly studyName: string;
  readonly configurationKey: number;
  readonly trialId: string;
  readonly split: Split;
  readonly seed: number;
}

/** The whole cohorts of these keys, trials in the order of the plan, with the modules that they name. */
export async function cohortsOf(
  database: Queryable,
  cohortKeys: readonly number[],
): Promise<ReadonlyMap<number, Cohort>> {
  const trials = await database.query<TrialRow>({
    text: `
      select t.cohort_key as "cohortKey", c.cohort_id as "cohortId", s.name as "studyName",
        t.configuration_key as "configurationKey", t.trial_id as "trialId", t.split, t.seed
      from stride.trials t
      join stride.cohorts c using (cohort_key)
      join stride.studies s on s.study_key = c.study_key
      where t.cohort_key = any($1::int[])
      order by t.cohort_key, t.position`,
    values: [cohortKeys],
  });
  const configurations = await specsOf(database, [...new Set(trials.map((trial) => trial.configurationKey))]);
  const cohorts = new Map<number, Cohort & { readonly trials: Trial[] }>();
  for (const { cohortKey, cohortId, studyName, configurationKey, ...trial } of trials) {
    const cohort = cohorts.get(cohortKey) ?? { cohortId, studyName, trials: [] };
    cohorts.set(cohortKey, cohort);
    cohort.trials.push({ ...(configurations.get(configurationKey) as Specs), ...trial });
  }
  const sources = await moduleSources(database, moduleHashes([...configurations.values()]));
  return new Map([...cohorts].map(([key, cohort]) => [key, sources.size > 0 ? withModules(cohort, sources) : cohort]));
}

type Specs = Omit<Trial, "trialId" | "split" | "seed">;

async function specsOf(database: Queryable, keys: readonly number[]): Promise<ReadonlyMap<number, Specs>> {
  const rows = await database.query<SpecsRow>({
    text: `
      select configuration_key as "configurationKey", task_spec as task, optimizer_spec as optimizer,
        schedule as "scheduleName", schedule_spec as schedule, learning_rate as "learningRate", steps,
        evaluate_every as "evaluateEvery", noise_spec as noise, stability_spec as stability, drawn
      from stride.configurations
      where configuration_key = any($1::int[])`,
    values: [keys],
  });
  return new Map(
    rows.map(({ configurationKey, noise, stability, drawn, ...specs }) => [
      configurationKey,
      // A trial leaves out what does not apply, and its id is of what it says.
      {
        ...specs,
        ...(noise === null ? {} : { noise }),
        ...(stability === null ? {} : { stability }),
        ...(drawn ? { drawn } : {}),
      },
    ]),
  );
}

interface SpecsRow extends Omit<Specs, "noise" | "stability" | "drawn"> {
  readonly configurationKey: number;
  readonly noise: Noise | null;
  readonly stability: Stability | null;
  readonly drawn: boolean;
}
