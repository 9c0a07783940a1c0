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
export function followStudy({ laboratory, studyName, ...options }: FollowOptions): Promise<StudyStatus> {
  return follow({ ...options, look: () => laboratory.study(studyName), studyOf: (status) => status });
}

export interface LookOptions<Status> extends Omit<FollowOptions, "laboratory" | "studyName" | "progress"> {
  readonly progress: Progress<Status>;
  look(): Promise<Status>;
  /** How the study stands in what was seen. */
  studyOf(status: Status): StudyStatus;
}

/** Looks and shows what is seen, until the study is over or `signal` is aborted; gives what was seen last. */
export async function follow<Status>({
  look,
  studyOf,
  progress,
  signal,
  everyMs = 400,
}: LookOptions<Status>): Promise<Status> {
  try {
    while (true) {
      const status = await look();
      progress.show(status);
      if (isOver(studyOf(status)) || signal.aborted) return status;
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    progress.end();
  }
}
