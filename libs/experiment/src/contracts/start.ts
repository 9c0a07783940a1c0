import type { Cohort } from "../domain.js";
import type { AttemptKey, PlannedStudy, ResultStore } from "../ports.js";
import { type SampleStudyOptions, sampleReport, sampleResults, sampleStudy } from "./samples.js";

let studies = 0;

/** A study of a name that no other test has. */
export function freshStudy(options: Omit<SampleStudyOptions, "name"> = {}): PlannedStudy {
  studies += 1;
  return sampleStudy({ ...options, name: `contract-${studies}` });
}

/** A fresh study, stored, and its first cohort. */
export async function submitted(store: ResultStore, options: Omit<SampleStudyOptions, "name"> = {}) {
  const study = freshStudy(options);
  await store.submitStudy(study);
  return { study, name: study.name, cohort: study.cohorts[0] as Cohort };
}

/** Opens an attempt that must be granted. */
export async function started(store: ResultStore, { cohortId }: Cohort, workerId = "worker"): Promise<AttemptKey> {
  const answer = await store.startAttempt({ cohortId, workerId, executor: "tfjs-cpu" });
  if (answer.kind !== "continue") throw new Error(`the attempt was refused: ${JSON.stringify(answer)}`);
  return { cohortId, token: answer.token };
}

/** Opens an attempt, reports every step, and finishes. */
export async function finished(store: ResultStore, cohort: Cohort): Promise<AttemptKey> {
  const key = await started(store, cohort);
  await store.report(sampleReport(cohort, { ...key, from: 0, to: cohort.trials[0]?.steps ?? 0 }));
  await store.finishAttempt({ ...key, results: sampleResults(cohort) });
  return key;
}

export async function outcomesOf(store: ResultStore, name: string): Promise<readonly string[]> {
  return (await store.trials(name)).map(({ outcome }) => outcome);
}
