import { type ConsumeOptions, InvalidArgument, requireSlots, type TrialQueue, type Work } from "@stride/experiment";
import type { FlowJob, JobsOptions, Processor } from "bullmq";
import { type BullWorker, consumer } from "./consumer.js";
import { QueueUnavailable, withoutSecrets } from "./errors.js";
import { batchOptions, jobId, jobOptions } from "./job.js";
import { activeTrace } from "./tracing.js";

/** A job as it is added. */
export interface NewJob {
  readonly name: string;
  readonly data: Work;
  readonly opts: JobsOptions;
}

/** What one of BullMQ's backends does for the queue. Ids here are the jobs'. */
export interface Delivery {
  addBulk(jobs: NewJob[]): Promise<unknown>;
  /** Adds a job and its children; where the job is there already, those children that are not, which it then waits for. */
  addFlow(flow: FlowJob): Promise<unknown>;
  /** Of these, the ones that wait for children, and the children. */
  families(
    jobIds: readonly string[],
  ): Promise<{ readonly parents: readonly string[]; readonly children: readonly string[] }>;
  /** Removes those that no worker holds. A job that waited for nothing else is released. */
  remove(jobIds: readonly string[]): Promise<void>;
  /** Jobs by their state. */
  counts(): Promise<Readonly<Record<string, number>>>;
  /** Of these, the ones that exist and are not finished. */
  present(jobIds: readonly string[]): Promise<readonly string[]>;
  openWorker(options: ConsumeOptions, process: Processor<unknown>): BullWorker | Promise<BullWorker>;
  close(): Promise<void>;
  /** Where it is and what must not be told, for messages. */
  readonly place: string;
  readonly secrets: readonly string[];
  /** Of the BullMQ queue. */
  readonly name: string;
}

/** The port, and what operators ask of it. */
export interface BullTrialQueue extends TrialQueue {
  /** Jobs by their state, such as `waiting` and `active`. */
  counts(): Promise<Readonly<Record<string, number>>>;
}

/** Cohorts are some ten kilobytes each: a batch is a few megabytes and one round trip. */
const batch = 500;

/** The port on top of a backend. */
export function trialQueue(delivery: Delivery): BullTrialQueue {
  const consumers = new Set<AsyncDisposable>();
  const answered = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw unavailable(delivery, error);
    });
  const inBatches = async (ids: readonly string[], work: (some: readonly string[]) => Promise<unknown>) => {
    for (let start = 0; start < ids.length; start += batch) await answered(work(ids.slice(start, start + batch)));
  };
  const add = async (some: readonly Work[]) => {
    const byId = new Map(some.map((work) => [jobId(work.cohortId), work]));
    await inBatches([...byId.keys()], (ids) =>
      delivery.addBulk(
        ids.flatMap((id) => {
          const work = byId.get(id);
          return work === undefined ? [] : [newJob(work, jobOptions)];
        }),
      ),
    );
  };
  return {
    add,
    async addFlow({ update, batches }) {
      if (update === undefined) return add(batches);
      if (batches.length === 0) return add([update]);
      const queueName = delivery.name;
      const children = batches.map((each) => ({ ...newJob(each, batchOptions), queueName }));
      await answered(delivery.addFlow({ ...newJob(update, jobOptions), queueName, children }));
    },
    async remove(cohortIds) {
      await inBatches(cohortIds.map(jobId), async (ids) => {
        const { parents, children } = await delivery.families(ids);
        // First the parents: a child's removal would release them.
        await delivery.remove(parents);
        await delivery.remove([...new Set([...ids, ...children])].filter((id) => !parents.includes(id)));
      });
    },
    async present(cohortIds) {
      const found = new Set<string>();
      await inBatches(cohortIds.map(jobId), async (ids) => {
        for (const id of await delivery.present(ids)) found.add(id);
      });
      return new Set(cohortIds.filter((cohortId) => found.has(jobId(cohortId))));
    },
    counts: () => answered(delivery.counts()),
    async consume(options) {
      requireSlots(options.slots);
      const open = (process: Processor<unknown>) => delivery.openWorker(options, process);
      const opened = await answered(consumer({ options, secrets: delivery.secrets, open }));
      consumers.add(opened);
      return opened;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...consumers].map((each) => each[Symbol.asyncDispose]()));
      await delivery.close();
    },
  };
}

function newJob(work: Work, options: JobsOptions): NewJob {
  const name = "kind" in work ? work.kind : "cohort";
  return { name, data: work, opts: { ...options, ...activeTrace(), jobId: jobId(work.cohortId) } };
}

/** The driver's error as ours, with where and why and without secrets. */
export function unavailable({ place, secrets }: Pick<Delivery, "place" | "secrets">, error: unknown): Error {
  if (error instanceof QueueUnavailable || error instanceof InvalidArgument) return error;
  const cause = withoutSecrets(error, secrets);
  return new QueueUnavailable(`the queue at ${place} does not answer: ${cause.message}`, { cause });
}
