import type {
  Answer,
  AttemptKey,
  AttemptReport,
  CurveChunk,
  Evaluation,
  StartAnswer,
  StartAttempt,
  TrainingOutcome,
  TrialReporter,
  TrialResult,
} from "@stride/experiment";
import * as wire from "../gen/stride/v1/worker.js";
import { amount, count, enumCodec, identifier, nonEmpty, present, refuse } from "./fields.js";
import { decodeOptional, encodeOptional } from "./optional-curves.js";

type Stop = Extract<Answer, { kind: "stop" }>;
export type Finish = Parameters<TrialReporter["finishAttempt"]>[0];
export type Abandonment = Parameters<TrialReporter["abandonAttempt"]>[0];

const directives = enumCodec<Answer["kind"], wire.Directive>({
  continue: wire.Directive.CONTINUE,
  stop: wire.Directive.STOP,
  superseded: wire.Directive.SUPERSEDED,
});
const stopReasons = enumCodec<Stop["reason"], wire.StopReason>({
  cancelled: wire.StopReason.CANCELLED,
  paused: wire.StopReason.PAUSED,
  failed: wire.StopReason.FAILED,
});
const attemptEnds = enumCodec<Abandonment["end"], wire.AttemptEnd>({
  failed: wire.AttemptEnd.FAILED,
  "handed-back": wire.AttemptEnd.HANDED_BACK,
});

/** What people are told about a failure fits this many UTF-16 units; the rest is cut off. */
const maxMessageLength = 8_192;

export function encodeAnswer(answer: Answer): wire.Answer {
  return {
    directive: directives.encode(answer.kind),
    stopReason: answer.kind === "stop" ? stopReasons.encode(answer.reason) : wire.StopReason.UNSPECIFIED,
  };
}

export function decodeAnswer(field: string, message: wire.Answer | undefined): Answer {
  const { directive, stopReason } = present(field, message);
  const kind = directives.decode(`${field}.directive`, directive);
  return kind === "stop" ? { kind, reason: stopReasons.decode(`${field}.stop_reason`, stopReason) } : { kind };
}

export function encodeStartAnswer(answer: StartAnswer): wire.StartAttemptResponse {
  return answer.kind === "continue"
    ? { answer: encodeAnswer({ kind: "continue" }), token: answer.token }
    : { answer: encodeAnswer(answer), token: 0 };
}

export function decodeStartAnswer(message: wire.StartAttemptResponse): StartAnswer {
  const answer = decodeAnswer("answer", message.answer);
  return answer.kind === "continue" ? { kind: answer.kind, token: count("token", message.token, 1) } : answer;
}

export function encodeKey({ cohortId, token }: AttemptKey): wire.AttemptKey {
  return { cohortId, token };
}

export function decodeKey(message: wire.AttemptKey | undefined): AttemptKey {
  const { cohortId, token } = present("attempt", message);
  return { cohortId: identifier("attempt.cohort_id", cohortId), token: count("attempt.token", token, 1) };
}

export function encodeStartAttempt(request: StartAttempt, requestId: string): wire.StartAttemptRequest {
  const { cohortId, workerId, executor } = request;
  return { requestId, cohortId, workerId, executor };
}

export function decodeStartAttempt(message: wire.StartAttemptRequest): StartAttempt & { readonly requestId: string } {
  return {
    requestId: identifier("request_id", message.requestId),
    cohortId: identifier("cohort_id", message.cohortId),
    workerId: nonEmpty("worker_id", message.workerId),
    executor: nonEmpty("executor", message.executor),
  };
}

export function encodeReport(report: AttemptReport): wire.ReportRequest {
  return {
    attempt: encodeKey(report),
    step: report.step,
    chunks: report.chunks.map((chunk) => ({
      trialId: chunk.trialId,
      firstStep: chunk.firstStep,
      trainingLosses: Array.from(chunk.trainingLosses),
      learningRates: Array.from(chunk.learningRates),
      ...encodeOptional(chunk),
    })),
    evaluations: report.evaluations.map(({ trialId, step, loss }) => ({ trialId, step, loss })),
  };
}

export function decodeReport(message: wire.ReportRequest): AttemptReport {
  return {
    ...decodeKey(message.attempt),
    step: count("step", message.step),
    chunks: message.chunks.map((chunk, index) => decodeChunk(`chunks[${index}]`, chunk)),
    evaluations: message.evaluations.map((evaluation, index) => decodeEvaluation(`evaluations[${index}]`, evaluation)),
  };
}

function decodeChunk(field: string, message: wire.CurveChunk): CurveChunk {
  const { trainingLosses, learningRates } = message;
  if (trainingLosses.length !== learningRates.length) {
    refuse(`${field}.learning_rates`, `as long as training_losses (${trainingLosses.length})`, learningRates.length);
  }
  return {
    trialId: identifier(`${field}.trial_id`, message.trialId),
    firstStep: count(`${field}.first_step`, message.firstStep),
    trainingLosses: Float32Array.from(trainingLosses),
    learningRates: Float64Array.from(learningRates),
    ...decodeOptional(field, message),
  };
}

function decodeEvaluation(field: string, { trialId, step, loss }: wire.Evaluation): Evaluation {
  return { trialId: identifier(`${field}.trial_id`, trialId), step: count(`${field}.step`, step), loss };
}

export function encodeFinish(request: Finish): wire.FinishAttemptRequest {
  return { attempt: encodeKey(request), results: request.results.map(encodeResult) };
}

export function decodeFinish(message: wire.FinishAttemptRequest): Finish {
  return {
    ...decodeKey(message.attempt),
    results: message.results.map((result, index) => decodeResult(`results[${index}]`, result)),
  };
}

function encodeResult({ outcome, ...result }: TrialResult): wire.TrialResult {
  return {
    ...result,
    outcome:
      outcome.kind === "completed"
        ? { $case: "completed", value: {} }
        : { $case: "diverged", value: { step: outcome.step } },
  };
}

function decodeResult(field: string, message: wire.TrialResult): TrialResult {
  return {
    trialId: identifier(`${field}.trial_id`, message.trialId),
    outcome: decodeOutcome(`${field}.outcome`, message.outcome),
    steps: count(`${field}.steps`, message.steps),
    finalEvaluationLoss: message.finalEvaluationLoss,
    bestEvaluationLoss: message.bestEvaluationLoss,
    areaUnderCurve: message.areaUnderCurve,
    forwardPasses: count(`${field}.forward_passes`, message.forwardPasses),
    backwardPasses: count(`${field}.backward_passes`, message.backwardPasses),
    seconds: amount(`${field}.seconds`, message.seconds),
  };
}

function decodeOutcome(field: string, message: wire.TrialResult["outcome"]): TrainingOutcome {
  const outcome = present(field, message);
  return outcome.$case === "completed"
    ? { kind: "completed" }
    : { kind: "diverged", step: count(`${field}.step`, outcome.value.step) };
}

export function encodeAbandonment(request: Abandonment): wire.AbandonAttemptRequest {
  const message = request.message.slice(0, maxMessageLength);
  return { attempt: encodeKey(request), end: attemptEnds.encode(request.end), message };
}

export function decodeAbandonment(message: wire.AbandonAttemptRequest): Abandonment {
  if (message.message.length > maxMessageLength) {
    refuse("message", `at most ${maxMessageLength} characters long`, message.message.length);
  }
  // Whatever a failing library said; Postgres takes no NUL.
  const text = message.message.replaceAll("\0", "\uFFFD");
  return { ...decodeKey(message.attempt), end: attemptEnds.decode("end", message.end), message: text };
}
