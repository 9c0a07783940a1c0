import {
  type AgentStore,
  InvalidArgument,
  type ResultStore,
  type StudyStatus,
  type TrialCurve,
  type TrialRow,
  type WorkerStore,
} from "@stride/experiment";
import type { CellOptions, WinRateCells } from "@stride/statistics";
import { abandonAttempt } from "./abandon-attempt.js";
import { finishEpisodes } from "./agents/finish-episodes.js";
import { finishUpdate } from "./agents/finish-update.js";
import { agentProgress } from "./agents/queries/agent-progress.js";
import { policyRows, policyText } from "./agents/queries/policies.js";
import { submitAgentStudy } from "./agents/submit-agent-study.js";
import { trajectories } from "./agents/trajectories.js";
import { undeliveredFlows } from "./agents/undelivered-flows.js";
import { curves } from "./curves.js";
import { openDatabase } from "./database.js";
import { finishAttempt } from "./finish-attempt.js";
import { migrateDatabase, requireMigrated } from "./migrate.js";
import { createMonitor, type Monitor } from "./monitor.js";
import { cancelCohorts } from "./queries/cancel-cohorts.js";
import { knownTrialIds } from "./queries/known-trial-ids.js";
import { putWorker } from "./queries/put-worker.js";
import { retryFailed } from "./queries/retry-failed.js";
import { setState } from "./queries/set-study-state.js";
import { studyStatuses } from "./queries/study-statuses.js";
import { studySweep } from "./queries/study-sweep.js";
import { workerRows } from "./queries/worker-rows.js";
import { report } from "./report.js";
import { startAttempt } from "./start-attempt.js";
import { submitStudy } from "./submit-study.js";
import { streamTrials } from "./trials.js";
import { undeliveredReader } from "./undelivered.js";
import { winRateCells } from "./win-rates/win-rate-cells.js";

export interface ResultStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Executions of a cohort that may fail or be lost before it counts as failed; 5 when left out. */
  readonly maxAttempts?: number;
  /** Connections held at most; 10 when left out. */
  readonly connections?: number;
  /** False: a database that is not up to date is refused, not migrated. */
  readonly migrate?: boolean;
  /** Told what the owner of the database should know, such as a role that could not be made. */
  onNotice?(notice: string): void;
}

/** The ResultStore on Postgres, with what only a database does well. */
export interface PostgresResultStore extends ResultStore, AgentStore, WorkerStore {
  /**
   * What `winRatesFromCells` reads, computed in the database: equal to `cellsFromRows` of the study's trials. Nothing for an
   * unknown study. Throws `InvalidArgument` for a negative margin, a baseline that is none of the study's schedules, a condition
   * that is none of its, or a metric that counts up to a target without one.
   */
  winRateCells(studyName: string, options: CellOptions): Promise<WinRateCells>;
  /** As `trials`, a page at a time: a study of any size in little memory. */
  streamTrials(studyName: string): AsyncIterable<TrialRow>;
  /** What operators ask. */
  readonly monitor: Monitor;
  /** As `curves`, a few trials at a time. */
  streamCurves(studyName: string, options: { readonly trialIds?: readonly string[] }): AsyncIterable<TrialCurve>;
}

/**
 * Opens the store and brings the database's tables up to date, or, where they are not to be, throws `DatabaseTooOld`. Every call rejects with `DatabaseUnreachable` when Postgres
 * cannot be reached, refuses the login or lacks the database, and with `InvalidArgument` for a URL that is none.
 */
export async function openResultStore(options: ResultStoreOptions): Promise<PostgresResultStore> {
  const { url, maxAttempts = 5, connections = 10, onNotice = () => {} } = options;
  if (!isPostgresUrl(url)) {
    throw new InvalidArgument(
      "the database's URL must be of the form postgres://user:password@host:5432/database, special characters as %XX",
    );
  }
  const database = openDatabase({ url, connections });
  try {
    const notice = await database.withConnection(options.migrate === false ? requireMigrated : migrateDatabase);
    if (notice !== undefined) onNotice(notice);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }

  async function study(name: string): Promise<StudyStatus | undefined> {
    return (await studyStatuses(database, name))[0];
  }

  return {
    submitStudy: (planned) => submitStudy(database, planned),
    knownTrialIds: (name) => knownTrialIds(database, name),
    studies: () => studyStatuses(database),
    async study(name) {
      const [status, stored] = await Promise.all([study(name), studySweep(database, name)]);
      return status === undefined || stored === undefined ? undefined : { ...status, sweep: stored.sweep };
    },
    async setStudyState(name, state) {
      await database.transaction(async (transaction) => {
        await setState(transaction, { name, state });
        if (state === "cancelled") await cancelCohorts(transaction, name);
      });
      return study(name);
    },
    retryFailed: (name) => retryFailed(database, name),
    undelivered: undeliveredReader(database),
    startAttempt: (request) => startAttempt(database, request, { maxAttempts }),
    report: (batch) => report(database, batch),
    finishAttempt: (request) => finishAttempt(database, request),
    abandonAttempt: (request) => abandonAttempt(database, request, { maxAttempts }),
    trials: (name) => collected(streamTrials(database, name)),
    curves: (name, { trialIds }) => collected(curves(database, { studyName: name, trialIds })),
    winRateCells: (name, cells) => winRateCells(database, name, cells),
    submitAgentStudy: (planned) => submitAgentStudy(database, planned),
    undeliveredFlows: (wanted) => undeliveredFlows(database, wanted),
    finishEpisodes: (request) => finishEpisodes(database, request),
    trajectories: (key) => trajectories(database, key),
    finishUpdate: (request) => finishUpdate(database, request),
    policies: (name) => policyRows(database, name),
    policyText: (name, version) => policyText(database, name, version),
    agentProgress: (name) => agentProgress(database, name),
    announce: (worker) => putWorker(database, worker),
    workers: ({ withinMs }) => workerRows(database, withinMs),
    monitor: createMonitor(database),
    streamTrials: (name) => streamTrials(database, name),
    streamCurves: (name, { trialIds }) => curves(database, { studyName: name, trialIds }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

function isPostgresUrl(url: string): boolean {
  try {
    const { protocol, username, password, pathname } = new URL(url);
    for (const part of [username, password, pathname]) decodeURIComponent(part); // The driver throws where this does.
    return /^postgres(ql)?:$/.test(protocol);
  } catch {
    return false;
  }
}

async function collected<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
