import type { AgentStore } from "./agent/ports.js";
import { maxAttempts as defaultMaxAttempts } from "./domain.js";
import { memoryAgents } from "./memory-store/agents.js";
import type { CohortRecord, Records } from "./memory-store/records.js";
import { memoryReporter } from "./memory-store/reporter.js";
import { submit } from "./memory-store/submit.js";
import { curveOf, rowOf, statusOf } from "./memory-store/views.js";
import { memoryWorkers } from "./memory-store/workers.js";
import { withModules } from "./module-sources.js";
import type { ResultStore } from "./ports.js";
import type { WorkerStore } from "./workers.js";

export interface MemoryResultStoreOptions {
  /** Attempts that may fail or be lost before a cohort is failed; `maxAttempts` when left out. */
  readonly maxAttempts?: number;
  /** Milliseconds since 1970; the system's clock when left out. */
  readonly now?: () => number;
}

/** A ResultStore inside this process, lost with it: for tests and dry runs. */
export function createMemoryResultStore(
  options: MemoryResultStoreOptions = {},
): ResultStore & AgentStore & WorkerStore {
  const { maxAttempts = defaultMaxAttempts, now = Date.now } = options;
  const records: Records = { studies: new Map(), cohorts: new Map(), trialIds: new Set(), modules: new Map() };
  const cohortsOf = (name: string) => records.studies.get(name)?.cohorts ?? [];
  const isUnfinished = ({ state }: CohortRecord) => state === "planned" || state === "running";

  return {
    ...memoryReporter({ records, maxAttempts, now }),
    ...memoryAgents({ records, now }),
    ...memoryWorkers(now),
    async submitStudy(study) {
      return submit(records, study, new Date(now()));
    },
    async knownTrialIds(name) {
      return new Set(cohortsOf(name).flatMap(({ cohort }) => cohort.trials.map(({ trialId }) => trialId)));
    },
    async studies() {
      return [...records.studies.values()].map(statusOf);
    },
    async study(name) {
      const study = records.studies.get(name);
      return study === undefined ? undefined : { ...statusOf(study), sweep: structuredClone(study.sweep) };
    },
    async setStudyState(name, state) {
      const study = records.studies.get(name);
      if (study === undefined) return undefined;
      if (study.state !== "cancelled") study.state = state;
      if (state === "cancelled") {
        for (const cohort of study.cohorts) {
          if (!isUnfinished(cohort)) continue;
          cohort.state = "cancelled";
          const last = cohort.attempts.at(-1);
          if (last !== undefined) last.ending ??= "interrupted";
        }
      }
      return statusOf(study);
    },
    async retryFailed(name) {
      if (records.studies.get(name)?.state === "cancelled") return 0;
      const failed = cohortsOf(name).filter(({ state }) => state === "failed");
      for (const cohort of failed) {
        cohort.state = "planned";
        cohort.forgivenToken = cohort.attempts.length;
      }
      return failed.reduce((sum, { cohort, work }) => sum + (work?.count ?? cohort.trials.length), 0);
    },
    async undelivered({ leaseMs, limit, studyName }) {
      const heardFrom = ({ attempts }: CohortRecord) => {
        const last = attempts.at(-1);
        return last !== undefined && last.ending === undefined && last.heardAt > now() - leaseMs;
      };
      return [...records.studies.values()]
        .filter(({ name, state }) => state === "running" && (studyName === undefined || name === studyName))
        .flatMap(({ cohorts }) =>
          cohorts.filter((cohort) => cohort.work === undefined && isUnfinished(cohort) && !heardFrom(cohort)),
        )
        .slice(0, limit)
        .map(({ cohort }) => structuredClone(withModules(cohort, records.modules)));
    },
    async trials(name) {
      return cohortsOf(name).flatMap((record) => record.cohort.trials.map((trial) => rowOf(record, trial)));
    },
    async curves(name, { trialIds }) {
      const wanted = trialIds === undefined ? undefined : new Set(trialIds);
      return cohortsOf(name).flatMap((record) =>
        record.cohort.trials
          .filter(({ trialId }) => wanted === undefined || wanted.has(trialId))
          .map((trial) => curveOf(record, trial)),
      );
    },
    async [Symbol.asyncDispose]() {},
  };
}
