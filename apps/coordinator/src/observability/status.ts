import type { StudyStatus, WorkerRow } from "@stride/experiment";
import type { PostgresResultStore, UnfinishedCohort } from "@stride/results";
import { isOver } from "../follow.js";
import { type Sample, secondsLeft } from "../progress.js";
import { phase } from "../study-table.js";
import { workerState } from "../worker-table.js";

/** A study as the status page shows it. */
export interface StudyView extends StudyStatus {
  /** Its state while there is work; then `done`. */
  readonly phase: string;
  /** At the pace of the last half minute; null without a pace, and when nothing is left. */
  readonly secondsLeft: number | null;
}

export interface WorkerView extends Omit<WorkerRow, "state"> {
  readonly state: string;
}

/** What the status page and `/status.json` tell. */
export interface Status {
  readonly version: string;
  readonly startedAt: Date;
  readonly at: Date;
  /** The newest first; `olderStudies` are left out. */
  readonly studies: readonly StudyView[];
  readonly olderStudies: number;
  readonly workers: readonly WorkerView[];
  /** Of running studies, those that are worked on first; `waitingCohorts` counts all that nobody works on. */
  readonly cohorts: readonly UnfinishedCohort[];
  readonly unfinishedCohorts: number;
  readonly waitingCohorts: number;
  readonly oldestWaitingSeconds: number;
}

export interface StatusOptions {
  readonly store: Pick<PostgresResultStore, "studies" | "workers" | "monitor">;
  readonly version: string;
  readonly startedAt: Date;
  readonly leaseMs: number;
  readonly now?: () => number;
  /** For how long a look serves, in milliseconds; 1,000 when left out. */
  readonly keepMs?: number;
}

const limits = { studies: 50, workers: 200, cohorts: 50 } as const;

/** Looks at the store, at most once in `keepMs` however many look at the page. */
export function statusReader(options: StatusOptions): () => Promise<Status> {
  const { now = Date.now, keepMs = 1_000 } = options;
  const pace = paces(now);
  let last: { readonly at: number; readonly status: Promise<Status> } | undefined;
  return () => {
    if (last === undefined || now() - last.at >= keepMs) {
      const status = look(options, pace, now);
      const entry = { at: now(), status };
      last = entry;
      status.catch(() => {
        if (last === entry) last = undefined;
      });
    }
    return last.status;
  };
}

async function look(
  { store, version, startedAt, leaseMs }: StatusOptions,
  pace: ReturnType<typeof paces>,
  now: () => number,
): Promise<Status> {
  const [all, workers, cohorts, load] = await Promise.all([
    store.studies(),
    store.workers({ withinMs: 10 * 60_000 }),
    store.monitor.unfinishedCohorts(limits.cohorts),
    store.monitor.load({ leaseMs, studies: 0 }),
  ]);
  const at = new Date(now());
  const { unfinishedCohorts, waitingCohorts, oldestWaitingSeconds } = load;
  const studies = all.toReversed().slice(0, limits.studies);
  return {
    ...{ version, startedAt, at },
    studies: studies.map((study) => ({ ...study, ...timing(study, pace(study)) })),
    olderStudies: all.length - studies.length,
    workers: workers
      .filter(({ state }) => state !== "gone")
      .slice(0, limits.workers)
      .map((worker) => ({ ...worker, state: workerState(worker, at) })),
    ...{ cohorts, unfinishedCohorts, waitingCohorts, oldestWaitingSeconds },
  };
}

function timing(study: StudyStatus, left: number | undefined): Pick<StudyView, "phase" | "secondsLeft"> {
  const over = isOver(study);
  return {
    phase: phase({ status: study }),
    secondsLeft: over || study.state !== "running" ? null : (left ?? null),
  };
}

/** The time left of each study, from the steps seen at earlier looks. */
function paces(now: () => number): (study: StudyStatus) => number | undefined {
  const samples = new Map<string, Sample[]>();
  return ({ name, state, unfinishedCohorts, stepsDone, stepsPlanned }) => {
    if (state !== "running" || unfinishedCohorts === 0) {
      samples.delete(name);
      return undefined;
    }
    const seen = samples.get(name) ?? [];
    samples.set(name, seen);
    seen.push({ atMs: now(), steps: stepsDone });
    if (seen.length > 100) seen.shift();
    return secondsLeft(seen, stepsPlanned);
  };
}
