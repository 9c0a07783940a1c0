import { setTimeout as sleep } from "node:timers/promises";
import type { StudyStatus } from "@stride/experiment";
import type { StrideLaboratory } from "./connection.js";
import type { Progress } from "./progress.js";

export interface FollowOptions {
  readonly laboratory: StrideLaboratory;
  readonly studyName: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
}

/** Whether nothing of the study is left to run. */
export function isOver(status: StudyStatus): boolean {
  return status.state === "cancelled" || status.unfinishedCohorts === 0;
}

/** Shows a study's progress until it is over or `signal` is aborted; gives its last status. */
export async function followStudy({
  laboratory,
  studyName,
  progress,
  signal,
  everyMs = 400,
}: FollowOptions): Promise<StudyStatus> {
  try {
    while (true) {
      const status = await laboratory.study(studyName);
      progress.show(status);
      if (isOver(status) || signal.aborted) return status;
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    progress.end();
  }
}
