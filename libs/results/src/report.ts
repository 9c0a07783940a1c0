import type { Answer, AttemptKey, AttemptReport } from "@stride/experiment";
import type { Database } from "./database.js";
import { endAttempt } from "./queries/end-attempt.js";
import { attemptState, lockCohort } from "./queries/lock-cohort.js";
import { recordReport } from "./queries/record-report.js";
import { setCohortState } from "./queries/set-cohort-state.js";
import { settledAnswer } from "./settled-answer.js";

/** Records a batch, or says why not. The study may be resumed between the two looks: then it is recorded after all. */
export async function report(database: Database, batch: AttemptReport): Promise<Answer> {
  for (;;) {
    if (await recordReport(database, batch)) return { kind: "continue" };
    const answer = await refuse(database, batch);
    if (answer.kind !== "continue") return answer;
  }
}

/** An attempt told of a pause is over: its worker is free, and the cohort is planned again. */
function refuse(database: Database, { cohortId, token }: AttemptKey): Promise<Answer> {
  return database.transaction(async (transaction) => {
    const cohort = await lockCohort(transaction, cohortId);
    if (cohort === undefined) return { kind: "superseded" };
    const { cohortKey } = cohort;
    const attempt = await attemptState(transaction, { cohortKey, token });
    const answer = settledAnswer(cohort, { token, attempt });
    if (answer.kind === "stop" && answer.reason === "paused" && attempt?.ending === null) {
      await endAttempt(transaction, { cohortKey, token, ending: "interrupted" });
      await setCohortState(transaction, { cohortKey, state: "planned" });
    }
    return answer;
  });
}
