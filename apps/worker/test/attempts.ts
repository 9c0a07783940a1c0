import { type Cohort, createMemoryResultStore, type TrialReporter } from "@stride/experiment";
import { sampleStudy } from "@stride/experiment/contracts";
import { expect } from "vitest";
import { runAttempt } from "../src/attempt.js";
import { TrainingFailed } from "../src/trainer.js";
import { memoryLog } from "./memory-log.js";
import { memoryTrainer, type Reports, sampleTraining } from "./trainers.js";

const study = sampleStudy({ name: "attempts" });
export const [cohort] = study.cohorts as [Cohort];
export const finished = { kind: "finished" };
export const unreachable = new Error("cannot reach the coordinator");

interface Given {
  readonly reports?: Reports;
  /** Calls that do not go to the store as they are. */
  readonly reporter?: Partial<TrialReporter>;
  readonly signal?: AbortSignal;
  readonly log?: ReturnType<typeof memoryLog>;
}

/** A store with one study of one cohort, which may be attempted twice. */
export async function openAttempts() {
  const store = createMemoryResultStore({ maxAttempts: 2 });
  await store.submitStudy(study);
  return {
    store,
    /** Runs one attempt; whatever comes of it, nothing may train afterwards. */
    async run({ reports, reporter, signal = new AbortController().signal, log = memoryLog() }: Given = {}) {
      const trainer = memoryTrainer(reports);
      const outcome = await runAttempt({
        work: cohort,
        reporter: { ...store, ...reporter },
        trainer,
        workerId: "worker",
        executor: "none",
        heartbeatMs: 1,
        log,
        signal,
      }).finally(() => expect(trainer.training).toBe(0));
      return { outcome, trainer, log };
    },
    async outcomes(): Promise<readonly string[]> {
      return (await store.trials("attempts")).map(({ outcome }) => outcome);
    },
  };
}

/** Trains one quarter and fails. */
export async function* failing(): ReturnType<Reports> {
  yield sampleTraining(cohort, { from: 0, to: 10 });
  throw new TrainingFailed("out of memory");
}
