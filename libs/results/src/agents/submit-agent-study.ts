import {
  type AgentSweep,
  canonicalJson,
  InvalidArgument,
  moduleHash,
  type PlannedAgentStudy,
} from "@stride/experiment";
import type { Database, Queryable } from "../database.js";
import { keepTrace } from "../queries/keep-trace.js";
import { plannedWork } from "./planned-work.js";
import { addWork } from "./queries/add-work.js";
import { addPolicy } from "./queries/policies.js";

/** Adds the study, its first policy and the work of iteration 0, in one transaction; the same study again adds nothing. */
export function submitAgentStudy(database: Database, study: PlannedAgentStudy): Promise<{ readonly added: boolean }> {
  const sweep = study.sweep as AgentSweep;
  return database.transaction(async (transaction) => {
    const owner = await ownerOf(transaction, study.policyName);
    if (owner !== undefined && owner !== study.name) {
      throw new InvalidArgument(
        `policies named ${study.policyName} belong to the study ${owner}: give the agent another name (agent.policy)`,
      );
    }
    const { studyKey, added, stored } = await putAgentStudy(transaction, study);
    if (!added) {
      if (canonicalJson(stored) === canonicalJson(study.sweep)) return { added: false };
      throw new InvalidArgument(
        `the study ${study.name} is there with another sweep, and an agent's cannot change: submit it under another name`,
      );
    }
    await addPolicy(transaction, {
      studyKey,
      name: study.policyName,
      version: 0,
      algorithm: study.algorithm,
      sha256: moduleHash(study.policy),
      document: study.policy,
      statistics: {},
    });
    const work = await plannedWork(transaction, { studyKey, sweep, iteration: 0 });
    await addWork(transaction, { studyKey, work });
    await keepTrace(transaction, { studyKey, traceParent: study.traceParent });
    return { added: true };
  });
}

async function ownerOf(transaction: Queryable, policyName: string): Promise<string | undefined> {
  const [owner] = await transaction.query<{ readonly name: string }>({
    text: "select s.name from stride.policies p join stride.studies s using (study_key) where p.name = $1 limit 1",
    values: [policyName],
  });
  return owner?.name;
}

interface PutStudy {
  readonly studyKey: number;
  readonly added: boolean;
  /** The sweep that is there now. */
  readonly stored: unknown;
}

/** Adds the study or locks the one that is there, whose sweep stays. */
async function putAgentStudy(transaction: Queryable, { name, sweep, source }: PlannedAgentStudy): Promise<PutStudy> {
  const [study] = await transaction.query<PutStudy>({
    text: `
      insert into stride.studies as s (name, sweep, source) values ($1, $2::jsonb, $3)
      on conflict (name) do update set name = s.name
      returning study_key as "studyKey", xmax = 0 as added, sweep as stored`,
    values: [name, JSON.stringify(sweep), source],
  });
  return study as PutStudy;
}
