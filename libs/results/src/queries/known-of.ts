import type { Queryable } from "../database.js";

/** Of these trial ids, the ones stored under any study. */
export async function knownOf(transaction: Queryable, trialIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await transaction.query<{ readonly trialId: string }>({
    text: `select trial_id as "trialId" from stride.trials where trial_id = any($1::text[])`,
    values: [trialIds],
  });
  return new Set(rows.map(({ trialId }) => trialId));
}
