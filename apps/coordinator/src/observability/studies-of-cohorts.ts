/** Which study a cohort belongs to, for log lines: workers' calls name the cohort alone. */
export interface StudiesOfCohorts {
  remember(cohorts: readonly { readonly cohortId: string; readonly studyName: string }[]): void;
  /** Undefined for a cohort that this process has not delivered lately. */
  of(cohortId: string): string | undefined;
}

/** Remembers the last `capacity` cohorts. */
export function studiesOfCohorts(capacity = 20_000): StudiesOfCohorts {
  const known = new Map<string, string>();
  return {
    remember(cohorts) {
      for (const { cohortId, studyName } of cohorts) {
        known.delete(cohortId);
        known.set(cohortId, studyName);
      }
      for (const cohortId of known.keys()) {
        if (known.size <= capacity) break;
        known.delete(cohortId);
      }
    },
    of: (cohortId) => known.get(cohortId),
  };
}
