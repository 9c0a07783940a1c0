import type { Cohort } from "@stride/experiment";

/** The smallest cohort a queue accepts. */
export function cohort(cohortId: string): Cohort {
  return { cohortId, studyName: "queue-test", trials: [] };
}

export const cohorts = (count: number): readonly Cohort[] =>
  Array.from({ length: count }, (_, index) => cohort(`c${index}`));
