import { randomUUID } from "node:crypto";
import type { Answer, TrialReporter } from "@stride/experiment";
import { splitReport } from "./batches.js";
import { type ClientConfiguration, openChannel } from "./channel.js";
import {
  decodeAnswer,
  decodeStartAnswer,
  encodeAbandonment,
  encodeFinish,
  encodeReport,
  encodeStartAttempt,
} from "./codec/worker.js";
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

/**
 * A TrialReporter that speaks gRPC. Rejects with `Unreachable` when the coordinator stays away for longer than the policy allows,
 * `Unauthenticated`, `InvalidArgument`, `RemoteFailure`, or `ClientClosed`.
 */
export function createReporterClient(options: ReporterClientOptions): TrialReporter & AsyncDisposable {
  const { requestId = randomUUID } = options;
  const channel = openChannel(options, reporterRetryPolicy);

  const answered = (response: { readonly answer: WireAnswer | undefined }) => decodeAnswer("answer", response.answer);

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
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  };
}
