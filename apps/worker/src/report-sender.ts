import type { Answer, AttemptKey, CurveChunk, Evaluation, TrainingReport, TrialReporter } from "@stride/experiment";

export interface ReportSenderOptions {
  readonly reporter: TrialReporter;
  readonly key: AttemptKey;
  /** What gathered is sent this often, in milliseconds; an empty batch is the heartbeat. */
  readonly heartbeatMs: number;
  /** Called once when training should end: the coordinator said so, or cannot be reached for good. */
  onStop(): void;
}

export interface ReportSender {
  /** Gathers a report; waits only when more than `pointsHeld` points are unsent. */
  add(report: TrainingReport): Promise<void>;
  /** Sends the rest and gives the first answer that was not `continue`; rejects when sending failed for good. */
  close(): Promise<Answer>;
}

/** Curve points held back before a slow coordinator slows the training down (12 bytes each). */
const pointsHeld = 1_000_000;

/** Joins an attempt's reports into one call a heartbeat, one call at a time: a slow coordinator gets fewer, larger batches. */
export function createReportSender({ reporter, key, heartbeatMs, onStop }: ReportSenderOptions): ReportSender {
  let step = 0;
  let points = 0;
  let chunks: CurveChunk[] = [];
  let evaluations: Evaluation[] = [];
  let verdict: Answer = { kind: "continue" };
  let failure: { readonly error: unknown } | undefined;
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    const batch = { ...key, step, chunks, evaluations };
    points = 0;
    chunks = [];
    evaluations = [];
    try {
      const answer = await reporter.report(batch);
      if (answer.kind === "continue" || verdict.kind !== "continue") return;
      verdict = answer;
    } catch (error) {
      failure ??= { error };
    }
    onStop();
  }

  function flush(): Promise<void> {
    if (failure !== undefined || verdict.kind !== "continue") return Promise.resolve();
    sending ??= send().finally(() => {
      sending = undefined;
    });
    return sending;
  }

  const heartbeat = setInterval(() => void flush(), heartbeatMs);
  return {
    async add(report) {
      step = Math.max(step, report.step);
      chunks.push(...report.chunks);
      evaluations.push(...report.evaluations);
      for (const chunk of report.chunks) points += chunk.trainingLosses.length;
      if (points > pointsHeld) await flush();
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
