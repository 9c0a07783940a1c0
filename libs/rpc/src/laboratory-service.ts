import type { Laboratory, Submitted } from "@stride/experiment";
import type { WinRate } from "@stride/statistics";
import { type AnswerMemoryOptions, answerMemory } from "./answer-memory.js";
import { batches, splitCurve, weighPiece } from "./batches.js";
import { identifier, nonEmpty } from "./codec/fields.js";
import {
  decodeStateChange,
  decodeSubmission,
  encodeCurvePiece,
  encodeDiagnosis,
  encodeStudy,
  encodeSubmitted,
} from "./codec/laboratory.js";
import { decodePolicyRequest, encodeAgentProgress, encodePolicyRow } from "./codec/policies.js";
import { encodeStudyStatus, encodeTrialRow } from "./codec/rows.js";
import { decodeWinRateQuestion, encodeWinRate, type WinRateQuestion } from "./codec/win-rates.js";
import { encodeWorkerRow } from "./codec/workers.js";
import type { LaboratoryServiceServer } from "./gen/stride/v1/laboratory.js";
import type { Handlers } from "./handlers.js";

/** Rows a page: some hundred kilobytes. */
const pageSize = 500;
const winRatesPageSize = 50;
const policiesPageSize = 200;
const workersPageSize = 200;
const one = () => 1;

async function* curvePieces(curves: AsyncIterable<Parameters<typeof splitCurve>[0]>) {
  for await (const curve of curves) yield* splitCurve(curve);
}

/** The laboratory's service over a Laboratory. A repeated Submit or RetryFailed answers with the counts it gave first. */
export function laboratoryService(
  laboratory: Laboratory<WinRateQuestion, WinRate>,
  memory: AnswerMemoryOptions,
  { unary, streaming }: Handlers,
): LaboratoryServiceServer {
  const submitted = answerMemory<Submitted>(memory);
  const retried = answerMemory<number>(memory);

  return {
    submit: unary(async (message) => {
      const { requestId, ...submission } = decodeSubmission(message);
      const key = JSON.stringify([requestId, submission.file, submission.source.length]);
      return encodeSubmitted(await submitted.once(key, () => laboratory.submit(submission)));
    }),
    listStudies: streaming(async function* () {
      for await (const studies of batches(await laboratory.studies(), one, pageSize)) {
        yield { studies: studies.map(encodeStudyStatus) };
      }
    }),
    getStudy: unary(async ({ study }) => encodeStudy(await laboratory.study(nonEmpty("study", study)))),
    setStudyState: unary(async (message) => {
      const { study, state } = decodeStateChange(message);
      return { status: encodeStudyStatus(await laboratory.setStudyState(study, state)) };
    }),
    retryFailed: unary(async ({ requestId, study }) => {
      const key = JSON.stringify([identifier("request_id", requestId), nonEmpty("study", study)]);
      return { trials: await retried.once(key, () => laboratory.retryFailed(study)) };
    }),
    listTrials: streaming(async function* ({ study }) {
      const rows = laboratory.trials(nonEmpty("study", study));
      for await (const trials of batches(rows, one, pageSize)) yield { trials: trials.map(encodeTrialRow) };
    }),
    listCurves: streaming(async function* ({ study, trials }) {
      for (const [index, id] of (trials?.trialIds ?? []).entries()) identifier(`trials.trial_ids[${index}]`, id);
      const curves = laboratory.curves(nonEmpty("study", study), trials === undefined ? {} : trials);
      for await (const pieces of batches(curvePieces(curves), weighPiece))
        yield { parts: pieces.map(encodeCurvePiece) };
    }),
    listWinRates: streaming(async function* (message) {
      const { study, question } = decodeWinRateQuestion(message);
      for await (const rows of batches(await laboratory.winRates(study, question), one, winRatesPageSize)) {
        yield { winRates: rows.map(encodeWinRate) };
      }
    }),
    listPolicies: streaming(async function* ({ name }) {
      const rows = await (name === undefined ? laboratory.policies() : laboratory.policies(nonEmpty("name", name)));
      for await (const policies of batches(rows, one, policiesPageSize)) {
        yield { policies: policies.map(encodePolicyRow) };
      }
    }),
    getPolicy: unary(async (message) => {
      const { name, version } = decodePolicyRequest(message);
      return { policy: await laboratory.policyText(name, version) };
    }),
    getAgentProgress: unary(async ({ study }) =>
      encodeAgentProgress(await laboratory.agentProgress(nonEmpty("study", study))),
    ),
    listWorkers: streaming(async function* () {
      for await (const workers of batches(await laboratory.workers(), one, workersPageSize)) {
        yield { workers: workers.map(encodeWorkerRow) };
      }
    }),
    diagnose: unary(async () => encodeDiagnosis(await laboratory.diagnose())),
  };
}
