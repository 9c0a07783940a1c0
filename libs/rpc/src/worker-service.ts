import type { StartAnswer, TrialReporter } from "@stride/experiment";
import type { AnswerMemory } from "./answer-memory.js";
import {
  decodeAbandonment,
  decodeFinish,
  decodeReport,
  decodeStartAttempt,
  encodeAnswer,
  encodeStartAnswer,
} from "./codec/worker.js";
import type { WorkerServiceServer } from "./gen/stride/v1/worker.js";
import type { Handlers } from "./handlers.js";

/** The worker's service over a TrialReporter. `started` makes a repeated StartAttempt answer with the token it got first. */
export function workerService(
  reporter: TrialReporter,
  started: AnswerMemory<StartAnswer>,
  { unary }: Handlers,
): WorkerServiceServer {
  return {
    startAttempt: unary(async (message) => {
      const { requestId, ...request } = decodeStartAttempt(message);
      const key = JSON.stringify([requestId, request.cohortId, request.workerId]);
      return encodeStartAnswer(await started.once(key, () => reporter.startAttempt(request)));
    }),
    report: unary(async (message) => ({ answer: encodeAnswer(await reporter.report(decodeReport(message))) })),
    finishAttempt: unary(async (message) => ({
      answer: encodeAnswer(await reporter.finishAttempt(decodeFinish(message))),
    })),
    abandonAttempt: unary(async (message) => ({
      answer: encodeAnswer(await reporter.abandonAttempt(decodeAbandonment(message))),
    })),
  };
}
