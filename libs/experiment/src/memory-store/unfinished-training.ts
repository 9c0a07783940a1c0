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
