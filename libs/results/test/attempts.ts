import type { AttemptKey, Cohort, ResultStore } from "@stride/experiment";
import { sampleReport, sampleStudy } from "@stride/experiment/contracts";

/** Stores a study of one cohort of two trials and returns the cohort. */
export async function submitted(store: ResultStore, name: string): Promise<Cohort> {
  const study = sampleStudy({ name });
  await store.submitStudy(study);
  return study.cohorts[0] as Cohort;
}

/** Opens an attempt; undefined when it is refused. */
export async function started(
  store: ResultStore,
  { cohortId }: Cohort,
  workerId = "worker",
): Promise<AttemptKey | undefined> {
  const answer = await store.startAttempt({ cohortId, workerId, executor: "tfjs-cpu" });
  return answer.kind === "continue" ? { cohortId, token: answer.token } : undefined;
}

/** As `started`, of an attempt that must be granted. */
export async function granted(store: ResultStore, cohort: Cohort): Promise<AttemptKey> {
  const key = await started(store, cohort);
  if (key === undefined) throw new Error("the attempt was refused");
  return key;
}

/** The cohort's forty steps in four reports, losses told apart by `shift`. */
export function reports(cohort: Cohort, key: AttemptKey, shift = 0) {
  return [0, 10, 20, 30].map((from) => {
    const report = sampleReport(cohort, { ...key, from, to: from + 10 });
    const chunks = report.chunks.map((chunk) => ({
      ...chunk,
      trainingLosses: chunk.trainingLosses.map((loss) => loss + shift),
    }));
    return { ...report, chunks };
  });
}
