import { canonicalJson } from "@stride/experiment";
import { type Configuration, configurationId } from "../configuration.js";
import type { Queryable } from "../database.js";

/**
 * Adds the configurations that are new, and returns the key of each by `configurationId`. The study must be locked. The
 * specs are those stored first: the caller decides what a difference means.
 */
export async function putConfigurations(
  transaction: Queryable,
  { studyKey, configurations }: { readonly studyKey: number; readonly configurations: readonly Configuration[] },
): Promise<ReadonlyMap<string, StoredConfiguration>> {
  const column = <Value>(value: (configuration: Configuration) => Value) => configurations.map(value);
  const values = [
    studyKey,
    column(({ task }) => task),
    column(({ optimizer }) => optimizer),
    column(({ schedule }) => schedule),
    column(({ learningRate }) => learningRate),
    column(({ steps }) => steps),
    column(({ evaluateEvery }) => evaluateEvery),
    column(({ taskSpec }) => taskSpec),
    column(({ optimizerSpec }) => optimizerSpec),
    column(({ scheduleSpec }) => scheduleSpec),
    column(({ noise }) => noise),
    column(({ noiseSpec }) => noiseSpec),
    column(({ drawn }) => drawn),
    column(({ stabilitySpec }) => stabilitySpec),
  ];
  await transaction.query({
    text: `
      insert into stride.configurations
        (study_key, task, optimizer, schedule, learning_rate, steps, evaluate_every, task_spec, optimizer_spec, schedule_spec,
          noise, noise_spec, drawn, stability_spec)
      select $1::int, task, optimizer, schedule, rate, steps, every, task_spec::jsonb, optimizer_spec::jsonb,
        schedule_spec::jsonb, noise, noise_spec::jsonb, drawn, stability_spec::jsonb
      from unnest($2::text[], $3::text[], $4::text[], $5::float8[], $6::int[], $7::int[], $8::text[], $9::text[], $10::text[],
          $11::text[], $12::text[], $13::boolean[], $14::text[])
        with ordinality as c (task, optimizer, schedule, rate, steps, every, task_spec, optimizer_spec, schedule_spec,
          noise, noise_spec, drawn, stability_spec, place)
      order by place
      on conflict do nothing`,
    values,
  });
  const rows = await transaction.query<ConfigurationRow>({
    text: `
      select configuration_key as "configurationKey", task, optimizer, schedule, learning_rate as "learningRate", steps,
        evaluate_every as "evaluateEvery", task_spec as "taskSpec", optimizer_spec as "optimizerSpec",
        schedule_spec as "scheduleSpec", noise, noise_spec as "noiseSpec", drawn,
        stability_spec as "stabilitySpec"
      from stride.configurations
      where study_key = $1`,
    values: [studyKey],
  });
  return new Map(
    rows.map((row) => [
      configurationId(row),
      {
        ...row,
        taskSpec: canonicalJson(row.taskSpec),
        optimizerSpec: canonicalJson(row.optimizerSpec),
        scheduleSpec: canonicalJson(row.scheduleSpec),
        noiseSpec: row.noiseSpec === null ? null : canonicalJson(row.noiseSpec),
        stabilitySpec: row.stabilitySpec === null ? null : canonicalJson(row.stabilitySpec),
      },
    ]),
  );
}

export interface StoredConfiguration extends Configuration {
  readonly configurationKey: number;
}

/** As Postgres gives it: the specs parsed. */
interface ConfigurationRow
  extends Omit<StoredConfiguration, "taskSpec" | "optimizerSpec" | "scheduleSpec" | "noiseSpec" | "stabilitySpec"> {
  readonly taskSpec: unknown;
  readonly optimizerSpec: unknown;
  readonly scheduleSpec: unknown;
  readonly noiseSpec: unknown;
  readonly stabilitySpec: unknown;
}
