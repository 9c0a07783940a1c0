import { InvalidArgument } from "../errors.js";
import type { Answer, AttemptKey, AttemptReport, StartAnswer, TrialReporter } from "../ports.js";
import type { AttemptRecord, CohortRecord, Records } from "./records.js";
import { failUpdate, unfinishedTraining } from "./waiting-update.js";

export interface MemoryReporterOptions {
  readonly records: Records;
  readonly maxAttempts: number;
  /** Milliseconds. */
  readonly now: () => number;
}

const goOn: Answer = { kind: "continue" };
const superseded: Answer = { kind: "superseded" };

/** The half of the store that workers talk to. No method awaits anything, so each is one transaction. */
export function memoryReporter({ records, maxAttempts, now }: MemoryReporterOptions): TrialReporter {
  function find({ cohortId, token }: AttemptKey) {
    const record = records.cohorts.get(cohortId);
    return { record, attempt: record?.attempts.find((attempt) => attempt.token === token) };
  }

  return {
    async startAttempt({ cohortId, executor }): Promise<StartAnswer> {
      const record = records.cohorts.get(cohortId);
      if (record === undefined) return { kind: "superseded" };
      const refusal = refusalOf(record);
      if (refusal !== undefined) return refusal;
      // An update that comes before its batches were lived is dropped: delivery gets it anew, and no attempt is lost.
      if (unfinishedTraining(record).length > 0) return { kind: "superseded" };
      const last = record.attempts.at(-1);
      if (last !== undefined) last.ending ??= "superseded";
      if (countedAttempts(record) >= maxAttempts) {
        record.state = "failed";
        failUpdate(record);
        return { kind: "stop", reason: "failed" };
      }
      record.chunks.clear();
      record.evaluations.clear();
      const token = record.attempts.length + 1;
      record.attempts.push({ token, executor, step: 0, heardAt: now(), ending: undefined });
      record.state = "running";
      return { kind: "continue", token };
    },
    async report(report) {
      const { record, attempt } = find(report);
      if (record !== undefined && attempt?.ending === undefined && attempt !== undefined) {
        if (record.study.state === "running") {
          attempt.heardAt = now();
          attempt.step = Math.max(attempt.step, report.step);
          keep(record, report);
          return goOn;
        }
        if (record.study.state === "paused") {
          attempt.ending = "interrupted";
          record.state = "planned";
        }
      }
      return settledAnswer(record, attempt);
    },
    async finishAttempt({ results, ...key }) {
      const { record, attempt } = find(key);
      if (attempt?.ending === "finished") return goOn;
      if (record === undefined || attempt === undefined || attempt.ending !== undefined) {
        return settledAnswer(record, attempt);
      }
      if (record.work !== undefined) throw new InvalidArgument(`${key.cohortId} is no cohort of trials`);
      const { trials } = record.cohort;
      const byTrial = new Map(results.map((result) => [result.trialId, result]));
      if (results.length !== trials.length || trials.some(({ trialId }) => !byTrial.has(trialId))) {
        throw new InvalidArgument(
          `results must be one for each of the ${trials.length} trials of cohort ${key.cohortId}, got ${results.length}`,
        );
      }
      for (const [trialId, result] of byTrial) record.results.set(trialId, structuredClone(result));
      attempt.ending = "finished";
      record.state = "finished";
      return goOn;
    },
    async abandonAttempt({ end, ...key }) {
      const { record, attempt } = find(key);
      if (record === undefined || attempt === undefined) return superseded;
      const newest = attempt === record.attempts.at(-1);
      if (newest && attempt.ending === end && record.state === "planned") return goOn;
      if (attempt.ending !== undefined) return settledAnswer(record, attempt);
      attempt.ending = end;
      const failed = end === "failed" && countedAttempts(record) >= maxAttempts;
      record.state = failed ? "failed" : "planned";
      if (failed) failUpdate(record);
      return failed ? { kind: "stop", reason: "failed" } : goOn;
    },
  };
}

function refusalOf({ state, study }: CohortRecord): StartAnswer | undefined {
  if (state === "finished") return { kind: "superseded" };
  if (state === "cancelled" || state === "failed") return { kind: "stop", reason: state };
  return study.state === "paused" ? { kind: "stop", reason: "paused" } : undefined;
}

/** Failed attempts, and those whose worker was lost: not the ones handed back or told to pause. */
function countedAttempts({ attempts, forgivenToken }: CohortRecord): number {
  return attempts.filter(
    ({ token, ending }) => token > forgivenToken && (ending === "failed" || ending === "superseded"),
  ).length;
}

/** What the holder of an attempt is told that can record nothing more. */
export function settledAnswer(record: CohortRecord | undefined, attempt: AttemptRecord | undefined): Answer {
  if (record === undefined || attempt === undefined || attempt !== record.attempts.at(-1)) return superseded;
  if (record.state === "cancelled" || record.state === "failed") return { kind: "stop", reason: record.state };
  return attempt.ending === "interrupted" && record.study.state === "paused"
    ? { kind: "stop", reason: "paused" }
    : superseded;
}

function keep(record: CohortRecord, { chunks, evaluations }: AttemptReport): void {
  const own = new Set(record.cohort.trials.map(({ trialId }) => trialId));
  for (const chunk of chunks) {
    const key = `${chunk.firstStep} ${chunk.trialId}`;
    if (own.has(chunk.trialId) && !record.chunks.has(key)) record.chunks.set(key, structuredClone(chunk));
  }
  for (const evaluation of evaluations) {
    const key = `${evaluation.step} ${evaluation.trialId}`;
    if (own.has(evaluation.trialId) && !record.evaluations.has(key)) record.evaluations.set(key, { ...evaluation });
  }
}
