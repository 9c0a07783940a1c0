import { randomUUID } from "node:crypto";
import type { Laboratory } from "@stride/experiment";
import type { WinRate } from "@stride/statistics";
import { joinCurves } from "./batches.js";
import { type CallDetails, type ClientConfiguration, openChannel } from "./channel.js";
import { count } from "./codec/fields.js";
import {
  decodeCurvePiece,
  decodeDiagnosis,
  decodeStudy,
  decodeSubmitted,
  encodeStateChange,
  encodeSubmission,
} from "./codec/laboratory.js";
import { decodeAgentProgress, decodePolicyRow, decodePolicyText } from "./codec/policies.js";
import { decodeStudyStatus, decodeTrialRow } from "./codec/rows.js";
import { decodeWinRate, encodeWinRateQuestion, type WinRateQuestion } from "./codec/win-rates.js";
import { decodeWorkerRow } from "./codec/workers.js";
import type * as wire from "./gen/stride/v1/laboratory.js";
import { LaboratoryServiceService as methods } from "./gen/stride/v1/laboratory.js";
import type { RetryPolicy } from "./retry.js";

/** Somebody waits at a terminal: hears within seconds that nobody answers. */
export const laboratoryRetryPolicy: RetryPolicy = {
  deadlineMs: 30_000,
  limitMs: 3_000,
  firstPauseMs: 50,
  maxPauseMs: 500,
};
/** Planning a large sweep, and reading everything a study has. */
const longDeadlineMs = 10 * 60_000;

export interface LaboratoryClientOptions extends ClientConfiguration {
  /** A new id for each submission and retry: the server runs it once, however often the call is repeated. */
  requestId?(): string;
}

/**
 * A Laboratory that speaks gRPC. Besides the port's errors it rejects with `Unreachable`, `Unauthenticated`, `RemoteFailure` or
 * `ClientClosed`. A listing that breaks off in the middle rejects; it is not resumed.
 */
export function createLaboratoryClient(
  options: LaboratoryClientOptions,
): Laboratory<WinRateQuestion, WinRate> & AsyncDisposable {
  const { requestId = randomUUID } = options;
  const channel = openChannel(options, laboratoryRetryPolicy);
  const long = (study?: string): CallDetails => ({
    deadlineMs: longDeadlineMs,
    ...(study === undefined ? {} : { study }),
  });

  return {
    submit: (submission) =>
      channel.unary(methods.submit, encodeSubmission(submission, requestId()), decodeSubmitted, long()),
    studies: () => all(channel.stream(methods.listStudies, {}, decodeStudies, long())),
    study: (study) => channel.unary(methods.getStudy, { study }, decodeStudy, { study }),
    setStudyState: (study, state) =>
      channel.unary(methods.setStudyState, encodeStateChange(study, state), decodeChangedStudy, { study }),
    retryFailed: (study) =>
      channel.unary(methods.retryFailed, { requestId: requestId(), study }, decodeRetried, long(study)),
    trials: (study) => channel.stream(methods.listTrials, { study }, decodeTrials, long(study)),
    curves: (study, { trialIds }) => {
      const trials = trialIds === undefined ? undefined : { trialIds };
      return joinCurves(channel.stream(methods.listCurves, { study, trials }, decodeCurvePieces, long(study)));
    },
    winRates: (study, question) => {
      const request = encodeWinRateQuestion(study, question);
      return all(channel.stream(methods.listWinRates, request, decodeWinRates, long(study)));
    },
    policies: (name) => all(channel.stream(methods.listPolicies, { name }, decodePolicies, long())),
    policyText: (name, version) =>
      channel.unary(methods.getPolicy, { name, version }, decodePolicyText, { policy: { name, version } }),
    agentProgress: (study) => channel.unary(methods.getAgentProgress, { study }, decodeAgentProgress, { study }),
    workers: () => all(channel.stream(methods.listWorkers, {}, decodeWorkers, long())),
    diagnose: () => channel.unary(methods.diagnose, {}, decodeDiagnosis),
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  };
}

const decodeStudies = ({ studies }: wire.ListStudiesResponse) =>
  studies.map((study, index) => decodeStudyStatus(`studies[${index}]`, study));
const decodeChangedStudy = ({ status }: wire.SetStudyStateResponse) => decodeStudyStatus("status", status);
const decodeRetried = ({ trials }: wire.RetryFailedResponse) => count("trials", trials);
const decodeTrials = ({ trials }: wire.ListTrialsResponse) =>
  trials.map((row, index) => decodeTrialRow(`trials[${index}]`, row));
const decodeCurvePieces = ({ parts }: wire.ListCurvesResponse) =>
  parts.map((part, index) => decodeCurvePiece(`parts[${index}]`, part));
const decodeWinRates = ({ winRates }: wire.ListWinRatesResponse) =>
  winRates.map((row, index) => decodeWinRate(`win_rates[${index}]`, row));
const decodePolicies = ({ policies }: wire.ListPoliciesResponse) =>
  policies.map((row, index) => decodePolicyRow(`policies[${index}]`, row));
const decodeWorkers = ({ workers }: wire.ListWorkersResponse) =>
  workers.map((row, index) => decodeWorkerRow(`workers[${index}]`, row));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
