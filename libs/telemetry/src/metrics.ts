/** How busy the installation is, as `Load` of the result store tells it. */
export interface LoadSample {
  readonly studies: readonly ({ readonly study: string } & Readonly<Record<(typeof outcomes)[number], number>>)[];
  readonly unfinishedCohorts: number;
  readonly waitingCohorts: number;
  readonly oldestWaitingSeconds: number;
  readonly reportAgeSeconds: number;
  readonly workers: readonly { readonly executor: string; readonly state: string; readonly workers: number }[];
  readonly attempts: Readonly<Record<string, number>>;
  readonly divergedTrials: number;
}

const outcomes = ["planned", "running", "completed", "diverged", "failed", "cancelled"] as const;

export interface MetricsOptions {
  readonly version: string;
  /** Why calls may be refused: shown from the start, so that the first refusal counts as an increase. */
  readonly refusals?: readonly string[];
  /** Asked at a scrape, at most once in `keepMs`. */
  load(): Promise<LoadSample>;
  /** For how long an answer of `load` serves, in milliseconds; 2,000 when left out. */
  readonly keepMs?: number;
  /** Told why `load` gave nothing. */
  onError?(error: unknown): void;
}

/** One call that the coordinator answered, or refused. */
export interface CallSample {
  /** Such as `stride.v1.WorkerService/Report`. */
  readonly method: string;
  /** The name of a gRPC status. */
  readonly code: string;
  readonly seconds: number;
}

export interface Metrics {
  call(call: CallSample): void;
  /** A call that was refused for who made it or how, on gRPC or HTTP. */
  refused(reason: string): void;
  /** Optimizer steps that reports brought. */
  steps(count: number): void;
  /** Everything in Prometheus' text format. */
  exposition(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** The coordinator's metrics (docs/observability.md). Those that come from the store are left out while it does not answer. */
export async function createMetrics(options: MetricsOptions): Promise<Metrics> {
  const { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } = await import("prom-client");
  const registers = [new Registry()];
  const [register] = registers as [InstanceType<typeof Registry>];
  collectDefaultMetrics({ register });
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge<Label>({ name, help, labelNames, registers });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter<Label>({ name, help, labelNames, registers });

  gauge("stride_build_info", "1, with the coordinator's version as a label.", ["version"]).set(
    { version: options.version },
    1,
  );
  const up = gauge("stride_database_up", "1 while the results database answers, else 0.");
  const trials = gauge("stride_trials", "Trials (of agents: episodes) of a study, by outcome.", ["study", "outcome"]);
  const unfinished = gauge("stride_cohorts_unfinished", "Planned or running cohorts of running studies.");
  const waiting = gauge("stride_cohorts_waiting", "Unfinished cohorts that no worker works on.");
  const oldest = gauge("stride_oldest_waiting_seconds", "Age of the cohort that waits longest; 0 when none waits.");
  const reportAge = gauge("stride_report_age_seconds", "The longest that an open attempt has been silent.");
  const workers = gauge("stride_workers", "Workers heard of lately.", ["executor", "state"]);
  const attempts = counter("stride_attempts_total", "Attempts that ended, by how.", ["ending"]);
  const diverged = counter("stride_diverged_trials_total", "Trials that diverged.");
  const steps = counter("stride_steps_total", "Optimizer steps of trials that workers reported.");
  const calls = counter("stride_rpc_calls_total", "gRPC calls answered.", ["method", "code"]);
  const refused = counter("stride_refused_calls_total", "Calls refused for who made them or how.", ["reason"]);
  for (const reason of options.refusals ?? []) refused.inc({ reason }, 0);
  const seconds = new Histogram({
    name: "stride_rpc_seconds",
    help: "Time to answer a gRPC call, in seconds.",
    labelNames: ["method"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });

  // The store's totals fall when a study is deleted; a counter that falls would look like a restart.
  const growth = growing();
  const show = (sample: LoadSample | undefined): void => {
    up.set(sample === undefined ? 0 : 1);
    for (const each of [trials, workers]) each.reset();
    if (sample === undefined) {
      for (const each of [unfinished, waiting, oldest, reportAge]) each.remove();
      return;
    }
    for (const study of sample.studies) {
      for (const outcome of outcomes) trials.set({ study: study.study, outcome }, study[outcome]);
    }
    unfinished.set(sample.unfinishedCohorts);
    waiting.set(sample.waitingCohorts);
    oldest.set(sample.oldestWaitingSeconds);
    reportAge.set(sample.reportAgeSeconds);
    for (const { executor, state, workers: count } of sample.workers) workers.set({ executor, state }, count);
    for (const [ending, total] of Object.entries(sample.attempts)) attempts.inc({ ending }, growth(ending, total));
    diverged.inc(growth("diverged trials", sample.divergedTrials));
  };
  const look = kept(options);

  return {
    call(call) {
      calls.inc({ method: call.method, code: call.code });
      seconds.observe({ method: call.method }, call.seconds);
    },
    refused: (reason) => refused.inc({ reason }),
    steps: (count) => steps.inc(count),
    async exposition() {
      show(await look());
      const body = await register.metrics();
      return { contentType: register.contentType, body: body.replace(/ Nan$/gm, " NaN") }; // As the format spells it.
    },
  };
}

/** By how much a total has grown since it was last told; never less than nothing. */
function growing(): (name: string, total: number) => number {
  const last = new Map<string, number>();
  return (name, total) => {
    const grown = Math.max(0, total - (last.get(name) ?? 0));
    last.set(name, total);
    return grown;
  };
}

/** A scrape that waits longer than this for the store goes without it, in milliseconds. */
const patienceMs = 5_000;

/** `load`, asked at most once in `keepMs` and by one caller at a time; undefined when it fails. */
function kept({ load, keepMs = 2_000, onError = () => {} }: MetricsOptions): () => Promise<LoadSample | undefined> {
  let answer: Promise<LoadSample | undefined> | undefined;
  const ask = async (): Promise<LoadSample | undefined> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the store did not answer within ${patienceMs} ms`)), patienceMs);
    });
    try {
      return await Promise.race([load(), late]);
    } catch (error) {
      onError(error);
      return undefined;
    } finally {
      clearTimeout(timer);
      setTimeout(() => {
        answer = undefined;
      }, keepMs).unref();
    }
  };
  return () => (answer ??= ask());
}
