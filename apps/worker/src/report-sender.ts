import type { Answer, AttemptKey, CurveChunk, Evaluation, TrainingReport, TrialReporter } from "@stride/experiment";

export interface ReportSenderOptions {
  readonly reporter: TrialReporter;
  readonly key: AttemptKey;
  /** What gathered is sent this often, in milliseconds; an empty batch is the heartbeat. */
  readonly heartbeatMs: number;
  /** Curve points held back before a slow coordinator slows the training down (12 bytes each); a million when left out. */
  readonly pointsHeld?: number;
  /** Called once when training should end: the coordinator said so, or cannot be reached for good. */
  onStop(): void;
}

export interface ReportSender {
  /** Gathers a report; while more than `pointsHeld` points are unsent it waits. What comes after the stop is dropped. */
  add(report: TrainingReport): Promise<void>;
  /** Sends the rest and gives the first answer that was not `continue`; rejects when sending failed for good. */
  close(): Promise<Answer>;
}

/** Joins an attempt's reports into one call a heartbeat, one call at a time: a slow coordinator gets fewer, larger batches. */
export function createReportSender(options: ReportSenderOptions): ReportSender {
  const { reporter, key, heartbeatMs, pointsHeld = 1_000_000, onStop } = options;
  let step = 0;
  let points = 0;
  let chunks: CurveChunk[] = [];
  let evaluations: Evaluation[] = [];
  let verdict: Answer = { kind: "continue" };
  let failure: { readonly error: unknown } | undefined;
  let sending: Promise<void> | undefined;

  const stopped = () => failure !== undefined || verdict.kind !== "continue";

  async function send(): Promise<void> {
    const batch = { ...key, step, chunks, evaluations };
    points = 0;
    chunks = [];
    evaluations = [];
    try {
      verdict = await reporter.report(batch);
    } catch (error) {
      failure = { error };
    }
    if (stopped()) onStop();
  }

  /** Resolves when the call in progress is answered, or else one with what gathered. */
  function flush(): Promise<void> {
    if (stopped()) return Promise.resolve();
    sending ??= send().finally(() => {
      sending = undefined;
    });
    return sending;
  }

  const heartbeat = setInterval(() => void flush(), heartbeatMs);
  return {
    async add(report) {
      if (stopped()) return;
      step = Math.max(step, report.step);
      chunks.push(...report.chunks);
      evaluations.push(...report.evaluations);
      for (const chunk of report.chunks) points += chunk.trainingLosses.length;
      while (points > pointsHeld && !stopped()) await flush();
    },
    async close() {
      clearInterval(heartbeat);
      await sending;
      if (chunks.length > 0 || evaluations.length > 0) await flush();
      if (failure !== undefined) throw failure.error;
      return verdict;
    },
  };
}
