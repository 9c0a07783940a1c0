import type { TrialQueue } from "@stride/experiment";
import type { PostgresResultStore } from "@stride/results";
import { type Authority, type FileValue, type RefusalReason, type ServerTls, serveGrpc } from "@stride/rpc";
import type { StrideLaboratory } from "./connection.js";
import { createLocalLaboratory } from "./local-laboratory.js";
import { createObserver, type Observation } from "./observability/observed-coordinator.js";
import { type Reconciler, startReconciler } from "./reconcile.js";

export interface CoordinatorOptions {
  readonly store: PostgresResultStore;
  readonly queue: TrialQueue;
  /** Where workers and the command line reach it, `host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** Who may do what. */
  readonly authority: Authority;
  /** Left out: plain text. */
  readonly tls?: FileValue<ServerTls> | undefined;
  /** Whether sweeps may bring modules of their own. */
  readonly allowModules: boolean;
  readonly leaseMs: number;
  /** Deliver this study alone; every running study when left out. */
  readonly studyName?: string;
  /** Who is told what goes on; nobody when left out. */
  readonly observation?: Observation;
  /** Whether deliveries continue the traces of submissions. */
  readonly traced?: boolean;
  onError(error: Error): void;
  /** Hears why a call or a connection was refused. */
  onRefused?(reason: RefusalReason): void;
}

export interface Coordinator extends AsyncDisposable {
  readonly address: string;
  readonly laboratory: StrideLaboratory;
}

/** The coordinator: gRPC for workers and the command line over the store, and the loop that keeps the queue filled. */
export async function startCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const { store, queue, leaseMs, studyName, onError } = options;
  let reconciler: Reconciler | undefined;
  const observer = createObserver(options.observation);
  const laboratory = observer.laboratory(
    createLocalLaboratory({ store, allowModules: options.allowModules, onWork: () => reconciler?.nudge() }),
  );
  const server = await serveGrpc({
    address: options.listen,
    reporter: observer.reporter(reporterOf(store, () => reconciler?.nudge())),
    laboratory,
    onCall: observer.onCall,
    onError: (error) => onError(error instanceof Error ? error : new Error(String(error))),
    authority: options.authority,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.onRefused === undefined ? {} : { onRefused: options.onRefused }),
  });
  reconciler = startReconciler({
    store,
    queue,
    leaseMs,
    everyMs: Math.min(1_000, leaseMs / 4),
    ...(studyName === undefined ? {} : { studyName }),
    ...(options.traced ? { traceParents: (names) => store.monitor.traceParents(names) } : {}),
    onDelivered: observer.onDelivered,
    onError,
  });
  const host = options.listen.slice(0, options.listen.lastIndexOf(":"));
  return {
    address: `${host}:${server.port}`,
    laboratory,
    async [Symbol.asyncDispose]() {
      await reconciler?.[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The store as workers see it: an update that is recorded plans the next iteration, which nobody should wait for. */
function reporterOf(store: PostgresResultStore, onWork: () => void): PostgresResultStore {
  return {
    ...store,
    async finishUpdate(request) {
      const answer = await store.finishUpdate(request);
      onWork();
      return answer;
    },
  };
}
