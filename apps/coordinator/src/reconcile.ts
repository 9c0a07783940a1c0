import type { AgentFlow, AgentStore, ResultStore, TrialQueue } from "@stride/experiment";

export interface ReconcileOptions {
  readonly store: Pick<ResultStore, "undelivered"> & Pick<AgentStore, "undeliveredFlows">;
  readonly queue: TrialQueue;
  readonly leaseMs: number;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** Deliver this study alone (`stride run`); every running study when left out. */
  readonly studyName?: string;
  onError(error: Error): void;
}

/** Cohorts kept in the queue ahead of the workers; the rest wait in Postgres, where pausing and cancelling are cheap. */
const cohortsAhead = 1_000;
/** Iterations of agents, one a study at a time. */
const flowsAhead = 100;

export interface Reconciler extends AsyncDisposable {
  /** Looks again as soon as may be: something was submitted, resumed or given back. */
  nudge(): void;
}

/**
 * Keeps the queue filled from Postgres: whatever is unfinished, belongs to a running study, and is neither waiting in the
 * queue nor heard of from a worker is put up for delivery again. A queue that lost everything is whole after one look.
 */
export async function reconcileOnce(options: Omit<ReconcileOptions, "everyMs" | "onError">): Promise<number> {
  const { store, queue, leaseMs, studyName } = options;
  const scope = { leaseMs, ...(studyName === undefined ? {} : { studyName }) };
  const cohorts = await store.undelivered({ ...scope, limit: cohortsAhead });
  const flows = await store.undeliveredFlows({ ...scope, limit: flowsAhead });
  if (cohorts.length + flows.length === 0) return 0;
  const present = await queue.present([...cohorts.map(({ cohortId }) => cohortId), ...flows.flatMap(idsOf)]);
  const missing = cohorts.filter((cohort) => !present.has(cohort.cohortId));
  if (missing.length > 0) await queue.add(missing);
  const missingFlows = flows.filter((flow) => idsOf(flow).some((id) => !present.has(id)));
  for (const flow of missingFlows) await queue.addFlow(flow);
  return missing.length + missingFlows.length;
}

function idsOf({ update, batches }: AgentFlow): string[] {
  return [...batches, ...(update === undefined ? [] : [update])].map(({ cohortId }) => cohortId);
}

/** Runs `reconcileOnce` until disposed; an error is told and the next look tries again. */
export function startReconciler(options: ReconcileOptions): Reconciler {
  let disposed = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let again = false;

  async function look(): Promise<void> {
    do {
      again = false;
      try {
        await reconcileOnce(options);
      } catch (error) {
        options.onError(error instanceof Error ? error : new Error(String(error)));
      }
    } while (again && !disposed);
  }
  function start(): void {
    clearTimeout(timer);
    looking ??= look().finally(() => {
      looking = undefined;
      if (!disposed) timer = setTimeout(start, options.everyMs);
    });
  }
  start();
  return {
    nudge() {
      if (looking === undefined) start();
      else again = true;
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
