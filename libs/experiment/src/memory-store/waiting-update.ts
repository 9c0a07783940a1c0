import type { AgentSweep } from "../agent/sweep.js";
import type { CohortRecord } from "./records.js";

/** Training batches that an update still waits for. */
export function unfinishedTraining({ work, study }: CohortRecord): readonly CohortRecord[] {
  if (work?.kind !== "update") return [];
  const { batches } = (study.sweep as AgentSweep).episodes;
  return study.cohorts.filter(
    (each) =>
      each.work?.kind === "episodes" &&
      each.work.iteration === work.iteration &&
      each.work.position < batches &&
      each.state !== "finished",
  );
}

/** A training batch that fails fails the update that waits for it: else its study would wait for ever. A retry plans both again. */
export function failUpdate(batch: CohortRecord): void {
  const update = batch.study.cohorts.find((each) => unfinishedTraining(each).includes(batch));
  if (update !== undefined) update.state = "failed";
}
