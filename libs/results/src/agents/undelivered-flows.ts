import { type AgentFlow, iterationWork, targetVersion } from "@stride/experiment";
import type { Database } from "../database.js";
import type { UndeliveredOptions } from "../queries/undelivered-cohorts.js";
import { policyTexts } from "./queries/policies.js";
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
  const targeted = targetVersion(sweep, iteration);
  const versions = [iteration, ...(targeted === undefined ? [] : [targeted])];
  const texts = await policyTexts(database, { studyKey, versions });
  const target = targeted === undefined ? {} : { target: texts.get(targeted) as string };
  const planned = iterationWork(sweep, iteration, { policy: texts.get(iteration) as string, ...target });
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
