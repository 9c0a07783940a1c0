import type { AgentProgress, EpisodeSummary, PolicyRow } from "@stride/experiment";
import type * as wire from "../gen/stride/v1/laboratory.js";
import { decodeStatistics } from "./agents.js";
import { amount, count, nonEmpty, present, refuse, time } from "./fields.js";

export function encodePolicyRow(row: PolicyRow): wire.PolicyRow {
  const { name, version, parent, study, algorithm, sha256, createdAt, training, validation, statistics } = row;
  return {
    ...{ name, version, study, algorithm, sha256, createdAt },
    parent: parent ?? undefined,
    training: training === null ? undefined : { ...training },
    validation: validation === null ? undefined : { ...validation },
    statistics: { ...statistics },
  };
}

export function decodePolicyRow(field: string, row: wire.PolicyRow): PolicyRow {
  if (!/^[0-9a-f]{64}$/.test(row.sha256)) refuse(`${field}.sha256`, "64 hexadecimal digits", row.sha256);
  return {
    name: nonEmpty(`${field}.name`, row.name),
    version: count(`${field}.version`, row.version),
    parent: row.parent === undefined ? null : count(`${field}.parent`, row.parent),
    study: nonEmpty(`${field}.study`, row.study),
    algorithm: nonEmpty(`${field}.algorithm`, row.algorithm),
    sha256: row.sha256,
    createdAt: time(`${field}.created_at`, row.createdAt),
    training: decodeSummary(`${field}.training`, row.training),
    validation: decodeSummary(`${field}.validation`, row.validation),
    statistics: decodeStatistics(`${field}.statistics`, row.statistics),
  };
}

function decodeSummary(field: string, summary: wire.EpisodeSummary | undefined): EpisodeSummary | null {
  if (summary === undefined) return null;
  return {
    episodes: count(`${field}.episodes`, summary.episodes),
    meanReturn: summary.meanReturn,
    divergence: amount(`${field}.divergence`, summary.divergence),
    entropy: summary.entropy,
    steps: count(`${field}.steps`, summary.steps),
    forwardPasses: count(`${field}.forward_passes`, summary.forwardPasses),
    backwardPasses: count(`${field}.backward_passes`, summary.backwardPasses),
    seconds: amount(`${field}.seconds`, summary.seconds),
  };
}

export function decodePolicyRequest({ name, version }: wire.GetPolicyRequest): wire.GetPolicyRequest {
  return { name: nonEmpty("name", name), version: count("version", version) };
}

export function encodeAgentProgress(progress: AgentProgress | undefined): wire.GetAgentProgressResponse {
  return { progress: progress === undefined ? undefined : { ...progress, best: progress.best ?? undefined } };
}

export function decodeAgentProgress({ progress }: wire.GetAgentProgressResponse): AgentProgress | undefined {
  if (progress === undefined) return undefined;
  return {
    policyName: nonEmpty("progress.policy_name", progress.policyName),
    iterations: count("progress.iterations", progress.iterations),
    iteration: count("progress.iteration", progress.iteration),
    done: progress.done,
    episodes: count("progress.episodes", progress.episodes),
    best: progress.best === undefined ? null : count("progress.best", progress.best),
  };
}

export function decodePolicyText({ policy }: wire.GetPolicyResponse): string {
  return present("policy", policy === "" ? undefined : policy);
}
