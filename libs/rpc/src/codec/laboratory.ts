import type { Diagnosis, StudyState, StudyStatus, Submission, Submitted } from "@stride/experiment";
import type { CurvePiece } from "../batches.js";
import type * as wire from "../gen/stride/v1/laboratory.js";
import { count, identifier, json, nonEmpty, refuse, time } from "./fields.js";
import { decodeOptional, encodeOptional } from "./optional-curves.js";
import { decodeStudyStatus, encodeStudyStatus, studyStates } from "./rows.js";

export function encodeSubmission({ source, file, modules }: Submission, requestId: string): wire.SubmitRequest {
  return { requestId, source, file, modules: { ...modules?.sources }, moduleCosts: { ...modules?.costs } };
}

export function decodeSubmission(message: wire.SubmitRequest): Submission & { readonly requestId: string } {
  const { requestId, source, file, modules: sources, moduleCosts: costs } = message;
  const named = Object.keys(sources).length + Object.keys(costs).length > 0;
  return {
    requestId: identifier("request_id", requestId),
    source,
    file: nonEmpty("file", file),
    ...(named ? { modules: { sources, costs } } : {}),
  };
}

export function encodeSubmitted(submitted: Submitted): wire.SubmitResponse {
  const { study, added, existing, cohorts, warnings } = submitted;
  return { study, added, existing, cohorts, warnings };
}

export function decodeSubmitted(message: wire.SubmitResponse): Submitted {
  return {
    study: nonEmpty("study", message.study),
    added: count("added", message.added),
    existing: count("existing", message.existing),
    cohorts: count("cohorts", message.cohorts),
    warnings: message.warnings,
  };
}

export type Study = StudyStatus & { readonly sweep: unknown };

export function encodeStudy({ sweep, ...status }: Study): wire.GetStudyResponse {
  return { status: encodeStudyStatus(status), sweepJson: JSON.stringify(sweep) ?? "null" };
}

export function decodeStudy(message: wire.GetStudyResponse): Study {
  return { ...decodeStudyStatus("status", message.status), sweep: json("sweep_json", message.sweepJson) };
}

export function encodeStateChange(study: string, state: StudyState): wire.SetStudyStateRequest {
  return { study, state: studyStates.encode(state) };
}

export function decodeStateChange(message: wire.SetStudyStateRequest): {
  readonly study: string;
  readonly state: StudyState;
} {
  return { study: nonEmpty("study", message.study), state: studyStates.decode("state", message.state) };
}

export function encodeDiagnosis({ version, startedAt, checks }: Diagnosis): wire.DiagnoseResponse {
  return { version, startedAt, checks: checks.map(({ name, ok, detail }) => ({ name, ok, detail })) };
}

export function decodeDiagnosis(message: wire.DiagnoseResponse): Diagnosis {
  const { version, startedAt, checks } = message;
  return { version, startedAt: time("started_at", startedAt), checks };
}

export function encodeCurvePiece(piece: CurvePiece): wire.CurvePart {
  return {
    trialId: piece.trialId,
    firstStep: piece.firstStep,
    trainingLosses: Array.from(piece.trainingLosses),
    learningRates: Array.from(piece.learningRates),
    evaluations: piece.evaluations.map(({ step, loss }) => ({ step, loss })),
    last: piece.last,
    ...encodeOptional(piece),
  };
}

export function decodeCurvePiece(field: string, message: wire.CurvePart): CurvePiece {
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
    evaluations: message.evaluations.map(({ step, loss }, index) => ({
      step: count(`${field}.evaluations[${index}].step`, step),
      loss,
    })),
    last: message.last,
  };
}
