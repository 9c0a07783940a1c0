import type { AgentReporter, Answer, AttemptKey, TrialReporter } from "@stride/experiment";
import { inSpan, type Metrics } from "@stride/telemetry";
import type { Log } from "./log.js";
import type { StudiesOfCohorts } from "./studies-of-cohorts.js";

export interface ReporterObserverOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly studies: StudiesOfCohorts;
}

export type Reporter = TrialReporter & AgentReporter;

/** Attempts that are open as far as this process has heard. */
const attemptsRemembered = 20_000;

/** The reporter with a span around each recording transaction, steps counted, and attempts logged as they start and end. */
export function observedReporter(reporter: Reporter, { log, metrics, studies }: ReporterObserverOptions): Reporter {
  const open = new Map<string, { readonly token: number; readonly worker: string }>();
  const about = ({ cohortId, token }: AttemptKey) => ({
    study: studies.of(cohortId),
    cohort: cohortId,
    attempt: token,
  });

  const recorded = <Result>(
    name: string,
    { cohortId, token }: AttemptKey,
    work: () => Promise<Result>,
  ): Promise<Result> =>
    inSpan(
      name,
      { attributes: { "db.system.name": "postgresql", "stride.cohort": cohortId, "stride.attempt": token } },
      work,
    );

  /** Logs how an attempt ended, once, when this answer ended it. */
  const ended = (key: AttemptKey, ending: string, answer: Answer, fields = {}): void => {
    const known = open.get(key.cohortId);
    if (known?.token === key.token) open.delete(key.cohortId);
    const told = answer.kind === "stop" ? { told: answer.reason } : {};
    const how = answer.kind === "superseded" ? "superseded" : ending;
    const write = how === "failed" || how === "superseded" ? log.warn : log.info;
    write({ ...about(key), ending: how, ...told, ...fields }, "attempt ended");
  };

  return {
    async startAttempt(request) {
      const { cohortId, workerId, executor } = request;
      const answer = await inSpan(
        "open attempt",
        { attributes: { "db.system.name": "postgresql", "stride.cohort": cohortId } },
        () => reporter.startAttempt(request),
      );
      const fields = { study: studies.of(cohortId), cohort: cohortId, worker: workerId, executor };
      const before = open.get(cohortId);
      if (answer.kind !== "continue") {
        open.delete(cohortId);
        const failed = answer.kind === "stop" && answer.reason === "failed";
        const told = answer.kind === "stop" ? answer.reason : answer.kind;
        (failed ? log.warn : log.debug)({ ...fields, told }, failed ? "cohort failed" : "attempt refused");
        return answer;
      }
      if (before !== undefined && before.token < answer.token) {
        log.warn({ ...fields, attempt: before.token, worker: before.worker }, "attempt lost");
      }
      open.delete(cohortId);
      open.set(cohortId, { token: answer.token, worker: workerId });
      const [oldest] = open.keys();
      if (open.size > attemptsRemembered && oldest !== undefined) open.delete(oldest);
      log.info({ ...fields, attempt: answer.token }, "attempt started");
      return answer;
    },
    async report(report) {
      const answer = await recorded("record report", report, () => reporter.report(report));
      if (answer.kind === "continue") {
        metrics.steps(report.chunks.reduce((steps, { trainingLosses }) => steps + trainingLosses.length, 0));
      } else if (open.get(report.cohortId)?.token === report.token) {
        ended(report, answer.kind === "stop" ? "interrupted" : "superseded", answer);
      }
      return answer;
    },
    async finishAttempt(request) {
      const answer = await recorded("record results", request, () => reporter.finishAttempt(request));
      const diverged = request.results.filter(({ outcome }) => outcome.kind === "diverged").length;
      ended(request, "finished", answer, { trials: request.results.length, diverged });
      return answer;
    },
    async abandonAttempt(request) {
      const answer = await recorded("end attempt", request, () => reporter.abandonAttempt(request));
      const failed = request.end === "failed";
      ended(request, request.end, answer, failed ? { reason: request.message.slice(0, 500) } : {});
      return answer;
    },
    async finishEpisodes(request) {
      const answer = await recorded("record episodes", request, () => reporter.finishEpisodes(request));
      if (answer.kind === "continue") metrics.steps(request.episodes.reduce((sum, { steps }) => sum + steps, 0));
      ended(request, "finished", answer, { episodes: request.episodes.length });
      return answer;
    },
    trajectories: (key) => reporter.trajectories(key),
    async finishUpdate(request) {
      const answer = await recorded("record policy", request, () => reporter.finishUpdate(request));
      ended(request, "finished", answer);
      return answer;
    },
  };
}
