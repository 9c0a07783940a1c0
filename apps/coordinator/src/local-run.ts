import { join } from "node:path";
import type { ExecutorName } from "@stride/compile/spec";
import { isAgentSweep, type StudyStatus, type Submission, type TrialQueue } from "@stride/experiment";
import type { PostgresResultStore } from "@stride/results";
import { noConnection } from "@stride/worker/launch";
import { openStore, type StrideLaboratory } from "./connection.js";
import { fleetShape } from "./fleet-shape.js";
import { isOver } from "./follow.js";
import { randomToken, type Settings } from "./settings.js";
import { submitTraced } from "./submission-trace.js";
import { describeSubmitted } from "./submitted-text.js";
import { startWorkerFleet } from "./workers.js";

export interface LocalRunOptions {
  readonly settings: Settings;
  /** Worker processes at most. */
  readonly workers: number;
  readonly executor: ExecutorName;
  note(line: string): void;
}

/** A study of a run on this machine, while its servers are there. */
export interface LocalStudy {
  readonly laboratory: StrideLaboratory;
  readonly studyName: string;
}

/** The database and the queue of a run on this machine; each study gets a coordinator and workers of its own. */
export interface LocalRun extends AsyncDisposable {
  /** Where the results lie, for people. */
  readonly place: string;
  /** Where the workers' logs lie. */
  readonly logs: string;
  /** Submits a study and has it trained while `follow` runs, which is skipped when nothing of it is left; then `conclude`. */
  study<Result>(
    submission: Submission,
    studyName: string,
    steps: {
      follow(study: LocalStudy): Promise<unknown>;
      conclude(study: LocalStudy & { readonly status: StudyStatus & { readonly sweep: unknown } }): Promise<Result>;
    },
  ): Promise<Result>;
}

export async function openLocalRun({ settings, ...options }: LocalRunOptions): Promise<LocalRun> {
  const { openTrialQueue } = await import("@stride/queue");
  const opened = await openStore(settings, { create: true });
  const queueUrl = settings.redisUrl ?? opened.database.url;
  let queue: TrialQueue;
  try {
    queue = await openTrialQueue({ url: queueUrl, leaseMs: settings.leaseMs });
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
  const logs = join(settings.home, "logs");
  return {
    place: opened.database.place,
    logs,
    study: (submission, studyName, { follow, conclude }) =>
      withCoordinator({ settings, store: opened.store, queue, studyName, note: options.note }, async (server) => {
        const { laboratory, address, token } = server;
        const submitted = await submitTraced(laboratory, submission);
        for (const warning of submitted.warnings) options.note(`note: ${warning}`);
        options.note(
          `study ${studyName}: ${describeSubmitted(submission, submitted)}; ${options.workers} workers (logs in ${logs})`,
        );
        const status = await resumed(laboratory, studyName);
        if (!isOver(status)) {
          // Of an agent's study no more than the iteration at hand is planned, of which little may be left.
          const most = isAgentSweep(submission.source) ? options.workers : status.unfinishedCohorts;
          const wanted = Math.min(options.workers, most);
          const { count, slots } = fleetShape(wanted, options.executor, slotsAreSet());
          await using _workers = startWorkerFleet({
            count,
            environment: {
              ...noConnection,
              STRIDE_COORDINATOR: address,
              STRIDE_TOKEN: token,
              STRIDE_QUEUE_URL: queueUrl,
              STRIDE_EXECUTOR: options.executor,
              STRIDE_LEASE_MS: String(settings.leaseMs),
              STRIDE_HEALTH_LISTEN: "", // One address, several workers.
              ...(slots === undefined ? {} : { STRIDE_SLOTS: String(slots) }),
            },
            logs,
            onLoss: (worker, how) => options.note(`${worker} ended (${how}); starting it again, see ${logs}`),
          });
          await follow({ laboratory, studyName });
        }
        return await conclude({ laboratory, studyName, status: await laboratory.study(studyName) });
      }),
    async [Symbol.asyncDispose]() {
      await queue[Symbol.asyncDispose]();
      await opened[Symbol.asyncDispose]();
    },
  };
}

const slotsAreSet = (): boolean => (process.env.STRIDE_SLOTS ?? "") !== "";

async function resumed(laboratory: StrideLaboratory, studyName: string): Promise<StudyStatus> {
  const status = await laboratory.study(studyName);
  return status.state === "paused" ? laboratory.setStudyState(studyName, "running") : status;
}

interface CoordinatorOptions {
  readonly settings: Settings;
  readonly store: PostgresResultStore;
  readonly queue: TrialQueue;
  /** Delivered alone. */
  readonly studyName: string;
  note(line: string): void;
}

interface Server {
  readonly laboratory: StrideLaboratory;
  readonly address: string;
  readonly token: string;
}

async function withCoordinator<Result>(
  { settings, store, queue, studyName, note }: CoordinatorOptions,
  work: (server: Server) => Promise<Result>,
): Promise<Result> {
  const [{ startCoordinator }, { soleAuthority }] = await Promise.all([import("./server.js"), import("@stride/rpc")]);
  const token = randomToken();
  await using coordinator = await startCoordinator({
    store,
    queue,
    listen: "127.0.0.1:0",
    authority: soleAuthority(token, "this run"),
    allowModules: settings.allowModules,
    leaseMs: settings.leaseMs,
    traced: settings.observability.traced,
    studyName,
    onError: (error) => note(`coordinator: ${error.message}`),
  });
  // Awaited here: the coordinator goes when this function returns.
  return await work({ laboratory: coordinator.laboratory, address: coordinator.address, token });
}
