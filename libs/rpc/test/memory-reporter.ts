import {
  type AgentReporter,
  type Answer,
  type AttemptReport,
  type Episode,
  InvalidArgument,
  type RecordedEpisode,
  type StartAnswer,
  type TrialReporter,
  type TrialResult,
  type WorkerNode,
  type WorkerReporter,
} from "@stride/experiment";

export type Call = keyof TrialReporter | keyof AgentReporter | keyof WorkerReporter;

export interface MemoryReporter extends TrialReporter, AgentReporter, WorkerReporter {
  /** Every call that reached it, in order. */
  readonly calls: Call[];
  /** Loss by "trial@step", recorded once. */
  readonly losses: Map<string, number>;
  readonly evaluations: Map<string, number>;
  readonly results: TrialResult[];
  readonly messages: string[];
  readonly episodes: Episode[];
  readonly announced: WorkerNode[];
  readonly updates: Pick<Parameters<AgentReporter["finishUpdate"]>[0], "policy" | "statistics">[];
}

export interface MemoryReporterOptions {
  /** Awaited at the begin of every call; may reject. */
  before?(call: Call, count: number): Promise<void>;
  /** What attempts that own their cohort are told; `continue` when left out. */
  answer?(): Answer;
  /** What an update learns from. */
  trajectories?(): Iterable<RecordedEpisode> | AsyncIterable<RecordedEpisode>;
}

/** Keeps what is reported, with fencing tokens, so that a test can see what arrived and how often. */
export function memoryReporter({
  before,
  answer = () => ({ kind: "continue" }),
  trajectories = () => [],
}: MemoryReporterOptions = {}): MemoryReporter {
  const tokens = new Map<string, number>();
  const calls: Call[] = [];
  const losses = new Map<string, number>();
  const evaluations = new Map<string, number>();
  const results: TrialResult[] = [];
  const messages: string[] = [];
  const episodes: Episode[] = [];
  const announced: WorkerNode[] = [];
  const updates: MemoryReporter["updates"] = [];

  async function fenced(call: Call, key: { cohortId: string; token: number }, record: () => void): Promise<Answer> {
    calls.push(call);
    await before?.(call, calls.length);
    if (tokens.get(key.cohortId) !== key.token) return { kind: "superseded" };
    record();
    return answer();
  }

  return {
    calls,
    losses,
    evaluations,
    results,
    messages,
    episodes,
    announced,
    updates,
    async startAttempt({ cohortId }): Promise<StartAnswer> {
      calls.push("startAttempt");
      await before?.("startAttempt", calls.length);
      const given = answer();
      if (given.kind !== "continue") return given;
      const token = (tokens.get(cohortId) ?? 0) + 1;
      tokens.set(cohortId, token);
      return { kind: "continue", token };
    },
    report: (report: AttemptReport) =>
      fenced("report", report, () => {
        for (const { trialId, firstStep, trainingLosses } of report.chunks) {
          trainingLosses.forEach((loss, index) => {
            losses.set(`${trialId}@${firstStep + index}`, loss);
          });
        }
        for (const { trialId, step, loss } of report.evaluations) evaluations.set(`${trialId}@${step}`, loss);
      }),
    finishAttempt: (request) => fenced("finishAttempt", request, () => results.push(...request.results)),
    abandonAttempt: (request) => fenced("abandonAttempt", request, () => messages.push(request.message)),
    finishEpisodes: (request) => fenced("finishEpisodes", request, () => episodes.push(...request.episodes)),
    async *trajectories({ cohortId, token }) {
      calls.push("trajectories");
      await before?.("trajectories", calls.length);
      if (tokens.get(cohortId) !== token)
        throw new InvalidArgument(`attempt ${token} at ${cohortId} is not the newest`);
      yield* trajectories();
    },
    async announce(worker) {
      calls.push("announce");
      await before?.("announce", calls.length);
      announced.push(worker);
    },
    finishUpdate: (request) =>
      fenced("finishUpdate", request, () => updates.push({ policy: request.policy, statistics: request.statistics })),
  };
}
