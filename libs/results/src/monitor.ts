import type { Database } from "./database.js";
import { type DatabaseFacts, databaseFacts } from "./queries/database-facts.js";
import { traceParents } from "./queries/keep-trace.js";
import { type Load, type LoadOptions, load } from "./queries/load.js";
import { type UnfinishedCohort, unfinishedCohorts } from "./queries/unfinished-cohorts.js";

/** What operators ask of the store: nothing of it writes. */
export interface Monitor {
  /** Rejects with `DatabaseUnreachable` when Postgres does not answer. */
  ping(): Promise<void>;
  load(options: LoadOptions): Promise<Load>;
  /** Of running studies; those that are worked on first. */
  unfinishedCohorts(limit: number): Promise<readonly UnfinishedCohort[]>;
  databaseFacts(): Promise<DatabaseFacts>;
  /** W3C trace contexts of the submissions that brought these studies their newest work, by name; of those that were traced. */
  traceParents(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export function createMonitor(database: Database): Monitor {
  return {
    async ping() {
      await database.query({ text: "select 1" });
    },
    load: (options) => load(database, options),
    unfinishedCohorts: (limit) => unfinishedCohorts(database, limit),
    databaseFacts: () => databaseFacts(database),
    traceParents: (names) => traceParents(database, names),
  };
}
