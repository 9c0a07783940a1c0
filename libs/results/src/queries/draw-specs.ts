import type { Queryable } from "../database.js";

/** A drawn configuration's schedule, and the one that the study's sweep declares under its name (null: none). */
export interface DrawSpec {
  readonly configurationKey: number;
  readonly drawn: unknown;
  readonly declared: unknown;
}

export function drawSpecs(database: Queryable, configurationKeys: readonly number[]): Promise<readonly DrawSpec[]> {
  return database.query<DrawSpec>({
    text: `
      select g.configuration_key as "configurationKey", g.schedule_spec as drawn,
        jsonb_path_query_first(s.sweep, '$.schedules[*] ? (@.name == $name).schedule', jsonb_build_object('name', g.schedule))
          as declared
      from stride.configurations g join stride.studies s using (study_key)
      where g.configuration_key = any($1::int[])`,
    values: [configurationKeys],
  });
}
