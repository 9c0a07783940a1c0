import type { AgentFlow } from "@stride/experiment";
import type { Database } from "../database.js";
import type { UndeliveredOptions } from "../queries/undelivered-cohorts.js";
import { plannedWork } from "./planned-work.js";
import { type UnfinishedIteration, undeliveredWork } from "./queries/undelivered-work.js";

/** What delivery must hold of agents' iterations. An update waits for a later look while a training batch is being lived. */
export async function undeliveredFlows(database: Database, options: UndeliveredOptions): Promise<readonly AgentFlow[]> {
  const flows: AgentFlow[] = [];
  for (const iteration of await undeliveredWork(database, options)) flows.push(await flowOf(database, iteration));
  return flows.filter(({ batches, update }) => batches.length > 0 || update !== undefined);
}

async function flowOf(
  database: Database,
  { studyKey, iteration, sweep, work }: UnfinishedIteration,
): Promise<AgentFlow> {
  const planned = await plannedWork(database, { studyKey, sweep, iteration });
  const unfinished = new Map(work.map(({ cohortId, live }) => [cohortId, live]));
  const { update } = planned;
  const waits = planned.batches.some(
    ({ cohortId, purpose }) => purpose === "train" && unfinished.get(cohortId) === true,
  );
  return {
    batches: planned.batches.filter(({ cohortId }) => unfinished.get(cohortId) === false),
    ...(update === undefined || waits || unfinished.get(update.cohortId) !== false ? {} : { update }),
  };
}
