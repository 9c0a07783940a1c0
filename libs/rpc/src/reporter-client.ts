import { randomUUID } from "node:crypto";
import type {
  AgentReporter,
  Answer,
  AttemptKey,
  RecordedEpisode,
  TrialReporter,
  WorkerReporter,
} from "@stride/experiment";
import { splitReport } from "./batches.js";
import { type ClientConfiguration, openChannel } from "./channel.js";
import {
  decodeTrajectories,
  encodeFinishedEpisodes,
  encodeFinishedUpdate,
  encodeTrajectoriesRequest,
} from "./codec/agents.js";
import {
  decodeAnswer,
  decodeStartAnswer,
  encodeAbandonment,
  encodeFinish,
  encodeReport,
  encodeStartAttempt,
} from "./codec/worker.js";
import { encodeWorkerNode } from "./codec/workers.js";
import { Unreachable } from "./errors.js";
import { WorkerServiceService as methods, type Answer as WireAnswer } from "./gen/stride/v1/worker.js";
import type { RetryPolicy } from "./retry.js";

/** Patient: a training outlives a coordinator's restart. Below the time for which the server remembers request ids. */
export const reporterRetryPolicy: RetryPolicy = {
  deadlineMs: 15_000,
  limitMs: 10 * 60_000,
  firstPauseMs: 100,
  maxPauseMs: 3_000,
};

export interface ReporterClientOptions extends ClientConfiguration {
  /** A new id for each attempt that is started: the server opens one attempt for it, however often the call is repeated. */
  requestId?(): string;
}

/** Of one call that records an iteration's episodes or a policy, and of one that reads all that an update learns from. */
const recordingDeadlineMs = 60_000;
const readingDeadlineMs = 10 * 60_000;
/** How often such a reading may break off and go on. */
const maxBreaks = 10;

/**
 * A TrialReporter, AgentReporter and WorkerReporter that speaks gRPC. Rejects with `Unreachable` when the coordinator stays away for longer
 * than the policy allows, `Unauthenticated`, `ProtocolMismatch`, `InvalidArgument`, `RemoteFailure`, or `ClientClosed`.
 */
export function createReporterClient(
  options: ReporterClientOptions,
): TrialReporter & AgentReporter & WorkerReporter & AsyncDisposable {
  const { requestId = randomUUID } = options;
  const channel = openChannel(options, reporterRetryPolicy);

  const answered = (response: { readonly answer: WireAnswer | undefined }) => decodeAnswer("answer", response.answer);

  const announcing = { deadlineMs: 5_000 };
  const recording = { deadlineMs: recordingDeadlineMs };

  /** Begins again where it broke off, as the coordinator's restart has it do; the order is always the same. */
  async function* trajectories(key: AttemptKey): AsyncGenerator<RecordedEpisode> {
    const request = encodeTrajectoriesRequest(key);
    let told = 0;
    for (let breaks = 0; ; breaks += 1) {
      let came = 0;
      try {
        const details = { deadlineMs: readingDeadlineMs };
        for await (const episode of channel.stream(methods.listTrajectories, request, decodeTrajectories, details)) {
          came += 1;
          if (came <= told) continue;
          told = came;
          yield episode;
        }
        return;
      } catch (error) {
        if (!(error instanceof Unreachable) || came === 0 || breaks === maxBreaks) throw error;
      }
    }
  }

  return {
    startAttempt: (request) =>
      channel.unary(methods.startAttempt, encodeStartAttempt(request, requestId()), decodeStartAnswer),
    async report(report) {
      let answer: Answer = { kind: "continue" };
      for (const part of splitReport(report)) {
        answer = await channel.unary(methods.report, encodeReport(part), answered);
        if (answer.kind !== "continue") break;
      }
      return answer;
    },
    finishAttempt: (request) => channel.unary(methods.finishAttempt, encodeFinish(request), answered),
    abandonAttempt: (request) => channel.unary(methods.abandonAttempt, encodeAbandonment(request), answered),
    finishEpisodes: (request) =>
      channel.unary(methods.finishEpisodes, encodeFinishedEpisodes(request), answered, recording),
    trajectories,
    finishUpdate: (request) => channel.unary(methods.finishUpdate, encodeFinishedUpdate(request), answered, recording),
    announce: (worker) =>
      channel.unary(methods.announce, { worker: encodeWorkerNode(worker) }, () => undefined, announcing),
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  };
}
