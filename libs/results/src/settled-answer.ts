import type { Answer } from "@stride/experiment";
import type { AttemptState, LockedCohort } from "./queries/lock-cohort.js";

/**
 * What the holder of an attempt that can record nothing more is told. Of an open attempt only when its cohort, its study or
 * its token says so; otherwise `continue`.
 */
export function settledAnswer(
  cohort: LockedCohort | undefined,
  { token, attempt }: { readonly token: number; readonly attempt: AttemptState | undefined },
): Answer {
  if (cohort === undefined || attempt === undefined || token !== cohort.token) return { kind: "superseded" };
  if (cohort.state === "finished") return { kind: "superseded" };
  if (cohort.state === "cancelled") return { kind: "stop", reason: "cancelled" };
  if (cohort.state === "failed") return { kind: "stop", reason: "failed" };
  if (cohort.studyState === "paused" && (attempt.ending === null || attempt.ending === "interrupted")) {
    return { kind: "stop", reason: "paused" };
  }
  return attempt.ending === null ? { kind: "continue" } : { kind: "superseded" };
}
