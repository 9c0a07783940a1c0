import { InvalidArgument } from "@stride/experiment";
import { metrics } from "@stride/statistics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyDouble, curve, id, label, studyStatus, trialRow, whole, winRate } from "../../test/arbitraries.js";
import { sent } from "../../test/wire.js";
import { splitCurve } from "../batches.js";
import * as wire from "../gen/stride/v1/laboratory.js";
import {
  decodeCurvePiece,
  decodeDiagnosis,
  decodeStateChange,
  decodeStudy,
  decodeSubmission,
  decodeSubmitted,
  encodeCurvePiece,
  encodeDiagnosis,
  encodeStateChange,
  encodeStudy,
  encodeSubmission,
  encodeSubmitted,
} from "./laboratory.js";
import { decodeStudyStatus, decodeTrialRow, encodeStudyStatus, encodeTrialRow } from "./rows.js";
import {
  decodeTunedRate,
  decodeWinRate,
  decodeWinRateQuestion,
  encodeWinRate,
  encodeWinRateQuestion,
} from "./win-rates.js";

const text = fc.string({ unit: "grapheme" });
const state = fc.constantFrom("running" as const, "paused" as const, "cancelled" as const);
const submitted = fc.record({ study: label, added: whole, existing: whole, cohorts: whole, warnings: fc.array(text) });
const numberOf = fc.double({ min: 0, noNaN: true });
const cost = fc.record({
  parameters: numberOf,
  flopsPerStep: numberOf,
  bytesPerStep: numberOf,
  evaluationFlops: numberOf,
});
const modules = fc.record({
  sources: fc.dictionary(label, text, { minKeys: 1, noNullPrototype: true }),
  costs: fc
    .uniqueArray(fc.nat({ max: 10_000 }))
    .chain((places) => fc.record(Object.fromEntries(places.map((place) => [place, cost])))),
});
const check = fc.record({ name: text, ok: fc.boolean(), detail: text });
const startedAt = fc.date({ min: new Date(0), noInvalidDate: true });
const diagnosis = fc.record({ version: text, startedAt, checks: fc.array(check) });
const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => !Object.is(value, -0));
const question = fc.record(
  {
    metric: fc.constantFrom(...metrics),
    margin: anyDouble,
    baseline: label,
    seed: whole,
    confidence: anyDouble,
    resamples: whole,
    ...{ task: label, optimizer: label, noise: label },
    target: fc.oneof(anyDouble, fc.constant("baseline" as const)),
  },
  { requiredKeys: [] },
);

describe("what the command line sends and hears arrives as it left", () => {
  it("Submit", () =>
    fc.assert(
      fc.property(text, label, id, (source, file, requestId) => {
        const arrived = decodeSubmission(sent(wire.SubmitRequest, encodeSubmission({ source, file }, requestId)));
        expect(arrived).toEqual({ source, file, requestId });
      }),
    ));

  it("Submit with modules and their costs", () =>
    fc.assert(
      fc.property(modules, id, (given, requestId) => {
        const submission = { source: "", file: "f", modules: given };
        const arrived = decodeSubmission(sent(wire.SubmitRequest, encodeSubmission(submission, requestId)));
        expect(arrived).toEqual({ ...submission, requestId });
      }),
    ));

  it("the answer to Submit", () =>
    fc.assert(
      fc.property(submitted, (given) => {
        expect(decodeSubmitted(sent(wire.SubmitResponse, encodeSubmitted(given)))).toEqual(given);
      }),
    ));

  it("a study's status", () =>
    fc.assert(
      fc.property(studyStatus, (given) => {
        expect(decodeStudyStatus("status", sent(wire.StudyStatus, encodeStudyStatus(given)))).toEqual(given);
      }),
    ));

  it("a study with its sweep", () =>
    fc.assert(
      fc.property(studyStatus, json, (status, value) => {
        const sweep: unknown = JSON.parse(JSON.stringify(value));
        const given = { ...status, sweep };
        expect(decodeStudy(sent(wire.GetStudyResponse, encodeStudy(given)))).toEqual(given);
      }),
    ));

  it("SetStudyState", () =>
    fc.assert(
      fc.property(label, state, (study, next) => {
        const message = sent(wire.SetStudyStateRequest, encodeStateChange(study, next));
        expect(decodeStateChange(message)).toEqual({ study, state: next });
      }),
    ));

  it("a trial's row, with metrics that are absent, infinite or not numbers", () =>
    fc.assert(
      fc.property(trialRow, (given) => {
        expect(decodeTrialRow("trial", sent(wire.TrialRow, encodeTrialRow(given)))).toEqual(given);
      }),
    ));

  it("a piece of a curve", () =>
    fc.assert(
      fc.property(curve, (given) => {
        for (const piece of splitCurve(given)) {
          expect(decodeCurvePiece("part", sent(wire.CurvePart, encodeCurvePiece(piece)))).toEqual(piece);
        }
      }),
    ));

  it("a question about win rates, whatever of it is left out", () =>
    fc.assert(
      fc.property(label, question, (study, given) => {
        const arrived = decodeWinRateQuestion(sent(wire.ListWinRatesRequest, encodeWinRateQuestion(study, given)));
        expect(arrived).toEqual({ study, question: given });
      }),
    ));

  it("a win rate", () =>
    fc.assert(
      fc.property(winRate, (given) => {
        expect(decodeWinRate("row", sent(wire.WinRate, encodeWinRate(given)))).toEqual(given);
      }),
    ));

  it("a diagnosis", () =>
    fc.assert(
      fc.property(diagnosis, (given) => {
        expect(decodeDiagnosis(sent(wire.DiagnoseResponse, encodeDiagnosis(given)))).toEqual(given);
      }),
    ));
});

describe("what does not make sense is refused by the field's name", () => {
  const row = encodeTrialRow({
    trialId: "t",
    cohortId: "c",
    task: "quadratic",
    optimizer: "sgd",
    noise: "none",
    schedule: "constant",
    learningRate: 0.1,
    drawn: false,
    seed: 1,
    split: "report",
    outcome: "completed",
    steps: 1,
    finalEvaluationLoss: 1,
    bestEvaluationLoss: 1,
    areaUnderCurve: 1,
    forwardPasses: 1,
    backwardPasses: 1,
    seconds: 1,
    attempts: 1,
    executor: null,
  });
  const part = {
    trialId: "t",
    firstStep: 0,
    trainingLosses: [1],
    learningRates: [1],
    evaluations: [],
    last: true,
    ...{ seenLosses: [], lowestRates: [], highestRates: [], bounds: [] },
  };
  const rate = { task: "t", optimizer: "sgd", noise: "none", schedule: "s", drawn: true };

  const submission = { requestId: "r", source: "", file: "", modules: {}, moduleCosts: {} };

  it.each<[string, () => unknown, RegExp]>([
    ["a submission without a file's name", () => decodeSubmission(submission), /^file /],
    ["a study without a name", () => decodeStateChange({ study: "", state: 1 }), /^study must be/],
    ["an unspecified state", () => decodeStateChange({ study: "s", state: 0 }), /^state must be one of .*, got 0$/],
    ["an unspecified split", () => decodeTrialRow("trials[3]", { ...row, split: 0 }), /^trials\[3\].split must be/],
    [
      "an unspecified outcome",
      () => decodeTrialRow("trials[3]", { ...row, outcome: 0 }),
      /^trials\[3\].outcome must be/,
    ],
    ["negative steps", () => decodeTrialRow("trials[3]", { ...row, steps: -1 }), /^trials\[3\].steps must be/],
    [
      "a negative learning rate",
      () => decodeTrialRow("trials[3]", { ...row, learningRate: -1 }),
      /^trials\[3\].learning_rate must be/,
    ],
    [
      "a curve with lists of unequal length",
      () => decodeCurvePiece("parts[0]", { ...part, trainingLosses: [] }),
      /^parts\[0\].learning_rates must be as long as training_losses \(0\), got 1$/,
    ],
    [
      "a curve that saw less than it has",
      () => decodeCurvePiece("parts[0]", { ...part, seenLosses: [1, 2] }),
      /^parts\[0\].seen_losses must be empty or as long as training_losses \(1\), got 2$/,
    ],
    [
      "a trial under no noise's name",
      () => decodeTrialRow("trials[3]", { ...row, noise: "" }),
      /^trials\[3\].noise must/,
    ],
    ...["[]", "null", "{"].map((parametersJson): [string, () => unknown, RegExp] => [
      `parameters that are ${parametersJson}`,
      () => decodeTunedRate("rates[0]", { ...rate, learningRate: 1, tuningMean: 1, parametersJson }),
      /^rates\[0\].parameters_json must be (a )?JSON/,
    ]),
    ["a sweep that is not JSON", () => decodeStudy({ status: undefined, sweepJson: "{" }), /^status must be set$/],
    [
      "a time that is none",
      () => decodeDiagnosis({ version: "1", startedAt: new Date(Number.NaN), checks: [] }),
      /^started_at must be a valid time/,
    ],
  ])("%s", (_, decode, message) => {
    expect(decode).toThrow(InvalidArgument);
    expect(decode).toThrow(message);
  });
});
