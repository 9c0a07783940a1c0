import { type AgentSweep, type IterationWork, iterationWork, targetVersion } from "@stride/experiment";
import type { Queryable } from "../database.js";
import { policyTexts } from "./queries/policies.js";

export interface PlannedIteration {
  readonly studyKey: number;
  readonly sweep: AgentSweep;
  /** Its policy is stored already. */
  readonly iteration: number;
}

/** All work of an iteration, planned from the policies that are stored. */
export async function plannedWork(
  database: Queryable,
  { studyKey, sweep, iteration }: PlannedIteration,
): Promise<IterationWork> {
  const targeted = targetVersion(sweep, iteration);
  const versions = targeted === undefined ? [iteration] : [iteration, targeted];
  const texts = await policyTexts(database, { studyKey, versions });
  const policy = texts.get(iteration) as string;
  return iterationWork(sweep, iteration, {
    policy,
    ...(targeted === undefined ? {} : { target: texts.get(targeted) as string }),
  });
}
