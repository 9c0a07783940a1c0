import {
  type Answer,
  type AttemptKey,
  InvalidArgument,
  moduleHash,
  readPolicy,
  type UpdateStatistics,
} from "@stride/experiment";
import type { Database, Queryable } from "../database.js";
import { finishOnce } from "../finish-once.js";
import { plannedWork } from "./planned-work.js";
import { addWork } from "./queries/add-work.js";
import { unfinishedTraining, type WorkPlace, workPlace } from "./queries/agent-work.js";
import { addPolicy } from "./queries/policies.js";

/**
 * Records the next policy and the work of the next iteration in one transaction, or nothing. Throws `InvalidArgument` on a text that is no
 * policy, and while training batches of the iteration are not finished.
 */
export function finishUpdate(
  database: Database,
  {
    cohortId,
    token,
    policy,
    statistics,
  }: AttemptKey & { readonly policy: string; readonly statistics: UpdateStatistics },
): Promise<Answer> {
  return finishOnce(database, { cohortId, token }, async (transaction, { cohortKey }) => {
    const place = await workPlace(transaction, cohortKey);
    if (place?.kind !== "update") throw new InvalidArgument(`${cohortId} is no update`);
    const left = await unfinishedTraining(transaction, place);
    if (left > 0) throw new InvalidArgument(`${cohortId} came before ${left} batches of its iteration were finished`);
    readPolicy(policy);
    await addVersion(transaction, place, { policy, statistics });
    return { completed: 0, diverged: 0 };
  });
}

async function addVersion(
  transaction: Queryable,
  { studyKey, iteration, sweep }: WorkPlace,
  { policy, statistics }: { readonly policy: string; readonly statistics: UpdateStatistics },
): Promise<void> {
  const version = iteration + 1;
  await addPolicy(transaction, {
    studyKey,
    name: sweep.policy,
    version,
    algorithm: sweep.algorithm.kind,
    sha256: moduleHash(policy),
    document: policy,
    statistics,
  });
  const work = await plannedWork(transaction, { studyKey, sweep, iteration: version });
  await addWork(transaction, { studyKey, work });
}
