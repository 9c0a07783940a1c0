import type { Queryable } from "../database.js";

/** What a configuration's trials are compared by. */
export interface ConfigurationName {
  readonly configurationKey: number;
  readonly task: string;
  readonly optimizer: string;
  readonly noise: string;
  readonly schedule: string;
  readonly learningRate: number;
  readonly drawn: boolean;
}

/** The study's configurations, in no order. */
export function configurationNames(database: Queryable, studyName: string): Promise<readonly ConfigurationName[]> {
  return database.query<ConfigurationName>({
    text: `
      select configuration_key as "configurationKey", task, optimizer, noise, schedule, learning_rate as "learningRate", drawn
      from stride.configurations
      where study_key = (select study_key from stride.studies where name = $1)`,
    values: [studyName],
  });
}
