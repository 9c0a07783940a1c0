import { workerLostMs } from "@stride/experiment";
import type { Queryable } from "../database.js";

/** How busy the installation is: what the coordinator's gauges show. Ages are in seconds, 0 where there is nothing of the kind. */
export interface Load {
  /** Trials (of agents: episodes) by outcome. Unfinished studies first, then the newest; as many as were asked for. */
  readonly studies: readonly StudyLoad[];
  /** Planned or running cohorts of running studies. */
  readonly unfinishedCohorts: number;
  /** Those of them that nobody works on and that may be taken: agents' updates wait for their batches, and are not counted. */
  readonly waitingCohorts: number;
  readonly oldestWaitingSeconds: number;
  /** The longest that an open attempt has been silent. */
  readonly reportAgeSeconds: number;
  readonly workers: readonly WorkerCount[];
  /** Of all attempts there are. */
  readonly attempts: Readonly<Record<AttemptEnding, number>>;
  /** Of all trials there are. */
  readonly divergedTrials: number;
}

export interface StudyLoad {
  readonly study: string;
  readonly planned: number;
  readonly running: number;
  readonly completed: number;
  readonly diverged: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface WorkerCount {
  readonly executor: string;
  readonly state: "busy" | "idle" | "draining" | "lost";
  readonly workers: number;
}

export const attemptEndings = ["finished", "failed", "handed-back", "interrupted", "superseded"] as const;
export type AttemptEnding = (typeof attemptEndings)[number];

export interface LoadOptions {
  /** How long a silent attempt keeps its cohort, in milliseconds. */
  readonly leaseMs: number;
  /** Studies told of at most. */
  readonly studies: number;
}

/** Four short statements: none reads trials or curves. */
export async function load(database: Queryable, { leaseMs, studies }: LoadOptions): Promise<Load> {
  const [delivery] = await database.query<Delivery>({ name: "load-delivery", text: deliveryText, values: [leaseMs] });
  const [totals] = await database.query<Totals>({ name: "load-totals", text: totalsText });
  const attempts = Object.fromEntries(attemptEndings.map((ending) => [ending, totals?.attempts?.[ending] ?? 0]));
  return {
    ...(delivery as Delivery),
    divergedTrials: totals?.divergedTrials ?? 0,
    attempts: attempts as Load["attempts"],
    studies: await database.query<StudyLoad>({ name: "load-studies", text: studiesText, values: [studies] }),
    workers: await database.query<WorkerCount>({ name: "load-workers", text: workersText, values: [workerLostMs] }),
  };
}

type Delivery = Pick<Load, "unfinishedCohorts" | "waitingCohorts" | "oldestWaitingSeconds" | "reportAgeSeconds">;

interface Totals {
  readonly divergedTrials: number;
  readonly attempts: Partial<Record<AttemptEnding, number>> | null;
}

/** True of an attempt that is open and was heard from within the lease, $1 in milliseconds. */
const heard = "(a.last_seen_at > clock_timestamp() - $1::float8 * interval '1 millisecond')";

const age = (since: string) => `extract(epoch from clock_timestamp() - ${since})::float8`;
const waiting = `(c.kind <> 'update' and ${heard} is not true)`;

const deliveryText = `
  select count(*) as "unfinishedCohorts",
    count(*) filter (where ${waiting}) as "waitingCohorts",
    greatest(0, coalesce(max(${age("greatest(c.waiting_since, s.resumed_at, a.last_seen_at)")}) filter (where ${waiting}), 0))
      as "oldestWaitingSeconds",
    greatest(0, coalesce(max(${age("a.last_seen_at")}), 0)) as "reportAgeSeconds"
  from stride.cohorts c
  join stride.studies s using (study_key)
  left join stride.attempts a on a.cohort_key = c.cohort_key and a.token = c.token and a.ending is null
  where s.state = 'running' and c.state in ('planned', 'running')`;

const totalsText = `
  select
    (select coalesce(sum(diverged), 0) from stride.cohorts where kind = 'trials') as "divergedTrials",
    (select jsonb_object_agg(ending, attempts)
     from (select ending, count(*) as attempts from stride.attempts where ending is not null group by ending) e) as attempts`;

const studiesText = `
  select s.name as study,
    coalesce(sum(c.trial_count) filter (where c.state = 'planned'), 0) as planned,
    coalesce(sum(c.trial_count) filter (where c.state = 'running'), 0) as running,
    coalesce(sum(c.completed), 0) as completed,
    coalesce(sum(c.diverged), 0) as diverged,
    coalesce(sum(c.trial_count) filter (where c.state = 'failed'), 0) as failed,
    coalesce(sum(c.trial_count) filter (where c.state = 'cancelled'), 0) as cancelled
  from (
    select study_key, name, exists (
      select from stride.cohorts c where c.study_key = s.study_key and c.state in ('planned', 'running')
    ) as unfinished
    from stride.studies s
    order by unfinished desc, study_key desc
    limit $1
  ) s
  left join stride.cohorts c using (study_key)
  group by s.study_key, s.name, s.unfinished
  order by s.unfinished desc, s.study_key desc`;

/** Lost: fell silent without a last word. Those that said it, and those lost for long, are not counted. */
const workersText = `
  select executor,
    case when last_seen_at <= clock_timestamp() - $1::float8 * interval '1 millisecond' then 'lost'
      when state = 'draining' then 'draining' when busy > 0 then 'busy' else 'idle' end as state,
    count(*) as workers
  from stride.workers
  where state <> 'gone' and last_seen_at > clock_timestamp() - interval '10 minutes'
  group by 1, 2
  order by 1, 2`;
