import { InvalidArgument } from "@stride/experiment";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { id, label, report, result, token } from "../../test/arbitraries.js";
import { sent } from "../../test/wire.js";
import * as wire from "../gen/stride/v1/worker.js";
import {
  decodeAbandonment,
  decodeAnswer,
  decodeFinish,
  decodeReport,
  decodeStartAnswer,
  decodeStartAttempt,
  encodeAbandonment,
  encodeAnswer,
  encodeFinish,
  encodeReport,
  encodeStartAnswer,
  encodeStartAttempt,
} from "./worker.js";

const answer = fc.oneof(
  fc.record({ kind: fc.constantFrom("continue" as const, "superseded" as const) }),
  fc.record({ kind: fc.constant("stop" as const), reason: fc.constantFrom("cancelled", "paused", "failed") }),
);
const startAnswer = fc.oneof(
  fc.record({ kind: fc.constant("continue" as const), token }),
  answer.filter(({ kind }) => kind !== "continue"),
);
const start = fc.record({ cohortId: id, workerId: label, executor: label });
const finish = fc.record({ cohortId: id, token, results: fc.array(result) });
const abandonment = fc.record({
  cohortId: id,
  token,
  end: fc.constantFrom("failed" as const, "handed-back" as const),
  message: fc.string({ unit: "grapheme", maxLength: 200 }),
});

describe("what a worker sends and hears arrives as it left", () => {
  it("StartAttempt", () =>
    fc.assert(
      fc.property(start, id, (request, requestId) => {
        const arrived = decodeStartAttempt(sent(wire.StartAttemptRequest, encodeStartAttempt(request, requestId)));
        expect(arrived).toEqual({ ...request, requestId });
      }),
    ));

  it("the answer to StartAttempt", () =>
    fc.assert(
      fc.property(startAnswer, (given) => {
        expect(decodeStartAnswer(sent(wire.StartAttemptResponse, encodeStartAnswer(given as never)))).toEqual(given);
      }),
    ));

  it("Report, with infinite losses and losses that are not numbers", () =>
    fc.assert(
      fc.property(report, (given) => {
        expect(decodeReport(sent(wire.ReportRequest, encodeReport(given)))).toEqual(given);
      }),
    ));

  it("FinishAttempt, with infinite losses and losses that are not numbers", () =>
    fc.assert(
      fc.property(finish, (given) => {
        expect(decodeFinish(sent(wire.FinishAttemptRequest, encodeFinish(given)))).toEqual(given);
      }),
    ));

  it("AbandonAttempt", () =>
    fc.assert(
      fc.property(abandonment, (given) => {
        expect(decodeAbandonment(sent(wire.AbandonAttemptRequest, encodeAbandonment(given)))).toEqual(given);
      }),
    ));

  it("the answer", () =>
    fc.assert(
      fc.property(answer, (given) => {
        const response = sent(wire.ReportResponse, { answer: encodeAnswer(given as never) });
        expect(decodeAnswer("answer", response.answer)).toEqual(given);
      }),
    ));

  it("NaN and the infinities, each as itself", () => {
    const losses = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0);
    const chunk = { trialId: "t", firstStep: 0, trainingLosses: losses, learningRates: Float64Array.from(losses) };
    const evaluations = [Number.NaN, Number.POSITIVE_INFINITY].map((loss) => ({ trialId: "t", step: 1, loss }));
    const given = { cohortId: "c", token: 1, step: 4, chunks: [chunk], evaluations };
    expect(decodeReport(sent(wire.ReportRequest, encodeReport(given)))).toEqual(given);
  });

  it("the first 8,192 characters of a failure's message", () => {
    const given = { cohortId: "c", token: 1, end: "failed" as const, message: "x".repeat(10_000) };
    expect(decodeAbandonment(encodeAbandonment(given)).message).toBe("x".repeat(8_192));
  });
});

describe("what no worker of ours sends is refused by the field's name", () => {
  const attempt = { cohortId: "c", token: 1 };
  const nothing = { seenLosses: [], lowestRates: [], highestRates: [], bounds: [] };
  const chunk = { trialId: "t", firstStep: 0, trainingLosses: [1], learningRates: [0.1], ...nothing };
  const outcome = { $case: "completed" as const, value: {} };
  const row = {
    trialId: "t",
    outcome,
    steps: 1,
    finalEvaluationLoss: 1,
    bestEvaluationLoss: 1,
    areaUnderCurve: 1,
    forwardPasses: 1,
    backwardPasses: 1,
    seconds: 1,
  };
  const reportOf = (changes: Partial<wire.ReportRequest>) => () =>
    decodeReport({ attempt, step: 1, chunks: [], evaluations: [], ...changes });
  const finishOf = (changes: Partial<wire.TrialResult>) => () =>
    decodeFinish({ attempt, results: [{ ...row, ...changes }] });
  const startOf = (changes: Partial<wire.StartAttemptRequest>) => () =>
    decodeStartAttempt({ requestId: "r", cohortId: "c", workerId: "w", executor: "onnx-cpu", ...changes });

  it.each<[string, () => unknown, RegExp]>([
    ["no attempt", reportOf({ attempt: undefined }), /^attempt must be set$/],
    ["an empty cohort", reportOf({ attempt: { cohortId: "", token: 1 } }), /^attempt.cohort_id must be .* got ""$/],
    ["token 0", reportOf({ attempt: { cohortId: "c", token: 0 } }), /^attempt.token must be .* at least 1, got 0$/],
    ["a negative step", reportOf({ step: -1 }), /^step must be an integer of at least 0, got -1$/],
    ["a space in an id", reportOf({ chunks: [{ ...chunk, trialId: "a b" }] }), /^chunks\[0\].trial_id must be/],
    ["a long id", reportOf({ chunks: [{ ...chunk, trialId: "x".repeat(201) }] }), /^chunks\[0\].trial_id must be/],
    ["a negative first step", reportOf({ chunks: [{ ...chunk, firstStep: -3 }] }), /^chunks\[0\].first_step .* -3$/],
    [
      "lists of unequal length",
      reportOf({ chunks: [chunk, { ...chunk, learningRates: [] }] }),
      /^chunks\[1\].learning_rates must be as long as training_losses \(1\), got 0$/,
    ],
    [
      "a list that most of the steps lack",
      reportOf({ chunks: [{ ...chunk, trainingLosses: [1, 2], learningRates: [1, 1], highestRates: [1] }] }),
      /^chunks\[0\].highest_rates must be empty or as long as training_losses \(2\), got 1$/,
    ],
    [
      "fewer bounds than steps",
      reportOf({ chunks: [{ ...chunk, trainingLosses: [1, 2], learningRates: [1, 1], bounds: [1] }] }),
      /^chunks\[0\].bounds must be empty or as long as training_losses \(2\), got 1$/,
    ],
    [
      "an evaluation before the first step",
      reportOf({ evaluations: [{ trialId: "t", step: -1, loss: 1 }] }),
      /^evaluations\[0\].step must be/,
    ],
    ["no outcome", finishOf({ outcome: undefined }), /^results\[0\].outcome must be set/],
    ["a negative count", finishOf({ forwardPasses: -1 }), /^results\[0\].forward_passes must be/],
    ["endless seconds", finishOf({ seconds: Number.POSITIVE_INFINITY }), /^results\[0\].seconds must be a finite/],
    [
      "a divergence before the first step",
      finishOf({ outcome: { $case: "diverged", value: { step: -1 } } }),
      /^results\[0\].outcome.step must be/,
    ],
    ["no request id", startOf({ requestId: "" }), /^request_id must be/],
    ["a worker's name of two lines", startOf({ workerId: "a\nb" }), /^worker_id must be/],
    [
      "an unspecified end",
      () => decodeAbandonment({ attempt, end: wire.AttemptEnd.UNSPECIFIED, message: "" }),
      /^end must be one of failed, handed-back, got 0$/,
    ],
    [
      "a message without end",
      () => decodeAbandonment({ attempt, end: wire.AttemptEnd.FAILED, message: "x".repeat(8_193) }),
      /^message must be at most 8192 characters long/,
    ],
    [
      "an unspecified directive",
      () => decodeAnswer("answer", { directive: wire.Directive.UNSPECIFIED, stopReason: 0 }),
      /^answer.directive must be one of continue, stop, superseded/,
    ],
    [
      "a stop without its reason",
      () => decodeAnswer("answer", { directive: wire.Directive.STOP, stopReason: wire.StopReason.UNSPECIFIED }),
      /^answer.stop_reason must be one of cancelled, paused, failed/,
    ],
    [
      "an enum value of a later version",
      () => decodeAnswer("answer", { directive: 99 as never, stopReason: 0 }),
      /^answer.directive must be one of .* got 99$/,
    ],
    [
      "a go-ahead without a token",
      () => decodeStartAnswer({ answer: { directive: wire.Directive.CONTINUE, stopReason: 0 }, token: 0 }),
      /^token must be/,
    ],
  ])("%s", (_, decode, message) => {
    expect(decode).toThrow(InvalidArgument);
    expect(decode).toThrow(message);
  });
});
