import type {
  AgentReporter,
  AgentWork,
  Answer,
  AttemptKey,
  Cohort,
  RecordedEpisode,
  TrainingReport,
  TrialReporter,
} from "@stride/experiment";
import type { Request } from "./messages.js";
import type { Trainer } from "./trainer.js";

/** Whatever a worker may be handed. */
export type Work = Cohort | AgentWork;

/** Where it tells how it fares. */
export type Reporter = TrialReporter & AgentReporter;

/** How far a piece of work is; the last one says how to record what came of it. */
export interface WorkReport extends TrainingReport {
  readonly finish?: () => Promise<Answer>;
}

export interface WorkReportsOptions {
  readonly trainer: Trainer;
  readonly reporter: Reporter;
  readonly key: AttemptKey;
  readonly signal: AbortSignal;
}

/** Has a piece of work done by the trainer. */
export async function* reportsOf(work: Work, options: WorkReportsOptions): AsyncGenerator<WorkReport> {
  const { trainer, reporter, key, signal } = options;
  const nothing = { step: 0, chunks: [], evaluations: [] };
  for await (const message of trainer.messages(await requestOf(work, options), signal)) {
    switch (message.kind) {
      case "report": {
        const { results } = message.report;
        const finish = results === undefined ? {} : { finish: () => reporter.finishAttempt({ ...key, results }) };
        yield { ...message.report, ...finish };
        break;
      }
      case "lived": {
        const { episodes } = message;
        yield { ...nothing, finish: () => reporter.finishEpisodes({ ...key, episodes }) };
        break;
      }
      case "learned": {
        const { policy, statistics } = message;
        yield { ...nothing, finish: () => reporter.finishUpdate({ ...key, policy, statistics }) };
        break;
      }
    }
  }
}

async function requestOf(work: Work, { reporter, key }: WorkReportsOptions): Promise<Request> {
  if (!("kind" in work)) return { kind: "train", cohort: work };
  if (work.kind === "episodes") return { kind: "live", batch: work };
  const episodes: RecordedEpisode[] = [];
  for await (const episode of reporter.trajectories(key)) episodes.push(episode);
  return { kind: "learn", update: work, episodes };
}

/** What a log line says about the size of a piece of work. */
export function sizeOf(work: Work): Readonly<Record<string, number | string>> {
  if (!("kind" in work)) return { trials: work.trials.length };
  const { kind, iteration } = work;
  return kind === "episodes" ? { iteration, episodes: work.starts.length } : { iteration, kind };
}
