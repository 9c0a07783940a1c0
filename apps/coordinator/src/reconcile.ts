import type { AgentFlow, AgentStore, ResultStore, TrialQueue, Work } from "@stride/experiment";
import { inSpan } from "@stride/telemetry";

export interface ReconcileOptions {
  readonly store: Pick<ResultStore, "undelivered"> & Pick<AgentStore, "undeliveredFlows">;
  readonly queue: TrialQueue;
  readonly leaseMs: number;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** Deliver this study alone (`stride run`); every running study when left out. */
  readonly studyName?: string;
  /** The traces that deliveries of these studies continue, by name; asked when there is something to deliver. Left out: none. */
  traceParents?(studyNames: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Told what was put up for delivery. */
  onDelivered?(works: readonly Work[]): void;
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
  const { store, queue, leaseMs } = options;
  const scope = { leaseMs, ...(options.studyName === undefined ? {} : { studyName: options.studyName }) };
  const cohorts = await store.undelivered({ ...scope, limit: cohortsAhead });
  const flows = await store.undeliveredFlows({ ...scope, limit: flowsAhead });
  if (cohorts.length + flows.length === 0) return 0;
  const present = await queue.present([...cohorts.map(({ cohortId }) => cohortId), ...flows.flatMap(idsOf)]);
  const missing = cohorts.filter((cohort) => !present.has(cohort.cohortId));
  const missingFlows = flows.filter((flow) => idsOf(flow).some((id) => !present.has(id)));
  const works = [...missing, ...missingFlows.flatMap(worksOf)];
  const names = [...new Set(works.map((work) => work.studyName))];
  const traces = (names.length > 0 ? await options.traceParents?.(names) : undefined) ?? new Map<string, string>();
  for (const name of traces.keys()) {
    const cohorts = missing.filter(({ studyName }) => studyName === name);
    if (cohorts.length > 0) await inTrace(traces.get(name), cohorts, () => queue.add(cohorts));
  }
  const untraced = missing.filter(({ studyName }) => !traces.has(studyName));
  if (untraced.length > 0) await queue.add(untraced);
  for (const flow of missingFlows) {
    const parts = worksOf(flow);
    await inTrace(traces.get(parts[0]?.studyName ?? ""), parts, () => queue.addFlow(flow));
  }
  if (works.length > 0) options.onDelivered?.(works);
  return missing.length + missingFlows.length;
}

const worksOf = ({ update, batches }: AgentFlow): Work[] => [...batches, ...(update === undefined ? [] : [update])];
const idsOf = (flow: AgentFlow): string[] => worksOf(flow).map(({ cohortId }) => cohortId);

/** Delivers inside a span of the submission's trace, which the queue's jobs carry on; in none where there is none to continue. */
function inTrace(parent: string | undefined, works: readonly Work[], deliver: () => Promise<void>): Promise<void> {
  if (parent === undefined) return deliver();
  const attributes = { "stride.study": works[0]?.studyName ?? "", "stride.cohorts": works.length };
  return inSpan("deliver", { kind: "producer", parent, attributes }, deliver);
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
