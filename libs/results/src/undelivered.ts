import type { Cohort } from "@stride/experiment";
import type { Database } from "./database.js";
import { cohortsOf } from "./queries/cohorts-of.js";
import { type UndeliveredOptions, undeliveredCohorts } from "./queries/undelivered-cohorts.js";

/** Trials kept in memory: delivery asks for the same waiting cohorts every second, and a stored cohort never changes. */
const mostTrialsKept = 50_000;

/** Reads undelivered cohorts, each one's trials once as long as memory lasts. */
export function undeliveredReader(database: Database): (options: UndeliveredOptions) => Promise<readonly Cohort[]> {
  let kept = new Map<number, Cohort>();
  return async (options) => {
    const keys = await undeliveredCohorts(database, options);
    const missing = keys.filter((key) => !kept.has(key));
    const read = missing.length > 0 ? await cohortsOf(database, missing) : new Map<number, Cohort>();
    const cohorts = keys.flatMap((key): readonly (readonly [number, Cohort])[] => {
      const cohort = kept.get(key) ?? read.get(key);
      return cohort === undefined ? [] : [[key, cohort]];
    });
    let trials = 0;
    kept = new Map(
      cohorts.filter(([, cohort]) => {
        trials += cohort.trials.length;
        return trials <= mostTrialsKept;
      }),
    );
    return cohorts.map(([, cohort]) => cohort);
  };
}
