import type { Answer, AttemptKey } from "@stride/experiment";
import { failUpdate } from "./agents/queries/fail-update.js";
import type { Database } from "./database.js";
import { countedAttempts } from "./queries/counted-attempts.js";
import { endAttempt } from "./queries/end-attempt.js";
import { attemptState, lockCohort } from "./queries/lock-cohort.js";
import { setCohortState } from "./queries/set-cohort-state.js";
import { settledAnswer } from "./settled-answer.js";
import type { StartOptions } from "./start-attempt.js";

const longestMessage = 10_000;

/**
 * Ends the attempt without results and puts its cohort back among the planned ones. A failure that uses the last attempt up
 * fails the cohort at once.
 */
export function abandonAttempt(
  database: Database,
  request: AttemptKey & { readonly end: "failed" | "handed-back"; readonly message: string },
  { maxAttempts }: StartOptions,
): Promise<Answer> {
  const { cohortId, token, end } = request;
  // Postgres stores no NUL in a text.
  const message = request.message.replaceAll("\0", "").slice(0, longestMessage);
  return database.transaction(async (transaction) => {
    const cohort = await lockCohort(transaction, cohortId);
    if (cohort === undefined) return { kind: "superseded" };
    const { cohortKey } = cohort;
    const attempt = await attemptState(transaction, { cohortKey, token });
    const newest = token === cohort.token;
    if (newest && attempt?.ending === end && cohort.state === "planned") return { kind: "continue" };
    if (attempt?.ending !== null || !newest) return settledAnswer(cohort, { token, attempt });
    await endAttempt(transaction, { cohortKey, token, ending: end, message });
    const failed = end === "failed" && (await countedAttempts(transaction, cohort)) >= maxAttempts;
    await setCohortState(transaction, { cohortKey, state: failed ? "failed" : "planned" });
    if (failed) await failUpdate(transaction, cohortKey);
    return failed ? { kind: "stop", reason: "failed" } : { kind: "continue" };
  });
}
