import type { AgentReporter, StartAnswer, TrialReporter, WorkerReporter } from "@stride/experiment";
import type { AnswerMemory } from "./answer-memory.js";
import { batches } from "./batches.js";
import {
  decodeFinishedEpisodes,
  decodeFinishedUpdate,
  decodeTrajectoriesRequest,
  encodeTrajectories,
  weighEpisode,
} from "./codec/agents.js";
import {
  decodeAbandonment,
  decodeFinish,
  decodeReport,
  decodeStartAttempt,
  encodeAnswer,
  encodeStartAnswer,
} from "./codec/worker.js";
import { decodeAnnouncement } from "./codec/workers.js";
import type { WorkerServiceServer } from "./gen/stride/v1/worker.js";
import type { Handlers } from "./handlers.js";

/** The worker's service over the reporters. `started` makes a repeated StartAttempt answer with the token it got first. */
export function workerService(
  reporter: TrialReporter & AgentReporter & WorkerReporter,
  started: AnswerMemory<StartAnswer>,
  { unary, streaming }: Handlers,
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
    finishEpisodes: unary(async (message) => ({
      answer: encodeAnswer(await reporter.finishEpisodes(decodeFinishedEpisodes(message))),
    })),
    listTrajectories: streaming(async function* (message) {
      const episodes = reporter.trajectories(decodeTrajectoriesRequest(message));
      for await (const some of batches(episodes, weighEpisode)) yield encodeTrajectories(some);
    }),
    finishUpdate: unary(async (message) => ({
      answer: encodeAnswer(await reporter.finishUpdate(decodeFinishedUpdate(message))),
    })),
    announce: unary(async (message) => {
      await reporter.announce(decodeAnnouncement(message));
      return {};
    }),
  };
}
