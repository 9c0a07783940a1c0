import { type Cohort, type ConsumeOptions, InvalidArgument, type TrialQueue } from "@stride/experiment";
import type { JobsOptions, Processor } from "bullmq";
import { type BullWorker, consumer } from "./consumer.js";
import { QueueUnavailable, withoutSecrets } from "./errors.js";
import { jobId, jobOptions } from "./job.js";
import { requirePositiveInteger } from "./options.js";

/** What one of BullMQ's backends does for the queue. Ids here are the jobs'. */
export interface Delivery {
  addBulk(jobs: { name: string; data: Cohort; opts: JobsOptions }[]): Promise<unknown>;
  /** Removes those that no worker holds. */
  remove(jobIds: readonly string[]): Promise<void>;
  /** Of these, the ones that exist and are not finished. */
  present(jobIds: readonly string[]): Promise<readonly string[]>;
  openWorker(options: ConsumeOptions, process: Processor<unknown>): BullWorker | Promise<BullWorker>;
  close(): Promise<void>;
  /** Where it is and what must not be told, for messages. */
  readonly place: string;
  readonly secrets: readonly string[];
}

/** Cohorts are some ten kilobytes each: a batch is a few megabytes and one round trip. */
const batch = 500;

/** The port on top of a backend. */
export function trialQueue(delivery: Delivery): TrialQueue {
  const consumers = new Set<AsyncDisposable>();
  const inBatches = async (ids: readonly string[], work: (some: readonly string[]) => Promise<unknown>) => {
    for (let start = 0; start < ids.length; start += batch) {
      await work(ids.slice(start, start + batch)).catch((error: unknown) => {
        throw unavailable(delivery, error);
      });
    }
  };
  return {
    async add(cohorts) {
      const byId = new Map(cohorts.map((cohort) => [jobId(cohort.cohortId), cohort]));
      await inBatches([...byId.keys()], (ids) =>
        delivery.addBulk(
          ids.flatMap((id) => {
            const data = byId.get(id);
            return data === undefined ? [] : [{ name: "cohort", data, opts: { ...jobOptions, jobId: id } }];
          }),
        ),
      );
    },
    remove: (cohortIds) => inBatches(cohortIds.map(jobId), delivery.remove),
    async present(cohortIds) {
      const found = new Set<string>();
      await inBatches(cohortIds.map(jobId), async (ids) => {
        for (const id of await delivery.present(ids)) found.add(id);
      });
      return new Set(cohortIds.filter((cohortId) => found.has(jobId(cohortId))));
    },
    async consume(options) {
      requirePositiveInteger("slots", options.slots);
      const open = (process: Processor<unknown>) => delivery.openWorker(options, process);
      const opened = await consumer({ options, secrets: delivery.secrets, open }).catch((error: unknown) => {
        throw unavailable(delivery, error);
      });
      consumers.add(opened);
      return opened;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...consumers].map((each) => each[Symbol.asyncDispose]()));
      await delivery.close();
    },
  };
}

/** The driver's error as ours, with where and why and without secrets. */
export function unavailable({ place, secrets }: Pick<Delivery, "place" | "secrets">, error: unknown): Error {
  if (error instanceof QueueUnavailable || error instanceof InvalidArgument) return error;
  const cause = withoutSecrets(error, secrets);
  return new QueueUnavailable(`the queue at ${place} does not answer: ${cause.message}`, { cause });
}
