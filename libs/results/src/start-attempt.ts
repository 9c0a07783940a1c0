import type { StartAnswer, StartAttempt } from "@stride/experiment";
import { unfinishedTraining, workPlace } from "./agents/queries/agent-work.js";
import { failUpdate } from "./agents/queries/fail-update.js";
import type { Database, Queryable } from "./database.js";
import { countedAttempts } from "./queries/counted-attempts.js";
import { endAttempt } from "./queries/end-attempt.js";
import { forgetReports } from "./queries/forget-reports.js";
import { type LockedCohort, lockCohort } from "./queries/lock-cohort.js";
import { openAttempt } from "./queries/open-attempt.js";
import { setCohortState } from "./queries/set-cohort-state.js";

export interface StartOptions {
  readonly maxAttempts: number;
}

/**
 * Opens an attempt with the next token. An attempt that is still open is superseded: whoever holds it records nothing more.
 * With `maxAttempts` used up the cohort fails instead.
 */
export function startAttempt(database: Database, request: StartAttempt, options: StartOptions): Promise<StartAnswer> {
  return database.transaction(async (transaction) => {
    const cohort = await lockCohort(transaction, request.cohortId);
    if (cohort === undefined) return { kind: "superseded" };
    const refusal = refusalOf(cohort);
    if (refusal !== undefined) return refusal;
    const { cohortKey, token } = cohort;
    if (await isEarly(transaction, cohort)) return { kind: "superseded" };
    // Waits for a report that is being written, and shuts the door to later ones: only then is there all to forget.
    await endAttempt(transaction, { cohortKey, token, ending: "superseded" });
    if ((await countedAttempts(transaction, cohort)) >= options.maxAttempts) return fail(transaction, cohort);
    if (token > 0) await forgetReports(transaction, cohortKey);
    await openAttempt(transaction, { ...request, cohortKey, token: token + 1 });
    return { kind: "continue", token: token + 1 };
  });
}

/** An update that was delivered before its batches were lived is dropped: delivery gets it anew, and no attempt is lost. */
async function isEarly(transaction: Queryable, { cohortKey, kind }: LockedCohort): Promise<boolean> {
  if (kind !== "update") return false;
  const place = await workPlace(transaction, cohortKey);
  return place !== undefined && (await unfinishedTraining(transaction, place)) > 0;
}

function refusalOf({ state, studyState }: LockedCohort): StartAnswer | undefined {
  if (state === "finished") return { kind: "superseded" };
  if (state === "failed") return { kind: "stop", reason: "failed" };
  if (state === "cancelled" || studyState === "cancelled") return { kind: "stop", reason: "cancelled" };
  if (studyState === "paused") return { kind: "stop", reason: "paused" };
  return undefined;
}

async function fail(transaction: Queryable, { cohortKey }: LockedCohort): Promise<StartAnswer> {
  await setCohortState(transaction, { cohortKey, state: "failed" });
  await failUpdate(transaction, cohortKey);
  return { kind: "stop", reason: "failed" };
}
