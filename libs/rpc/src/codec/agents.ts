import type { AgentReporter, AttemptKey, Episode, RecordedEpisode } from "@stride/experiment";
import type * as wire from "../gen/stride/v1/worker.js";
import { amount, count, finite, nonEmpty, present, refuse } from "./fields.js";
import { decodeKey, encodeKey } from "./worker.js";

export type FinishedEpisodes = Parameters<AgentReporter["finishEpisodes"]>[0];
export type FinishedUpdate = Parameters<AgentReporter["finishUpdate"]>[0];

/** The lists with one number a decision, with their names on the wire. */
const perDecision = {
  actions: "actions",
  logProbabilities: "log_probabilities",
  entropies: "entropies",
  rewards: "rewards",
} as const;

/** What an episode weighs in a message, in bytes: a float for each number, and its other fields. */
export function weighEpisode({ features, decisions }: Episode): number {
  return 4 * (features.length + Object.keys(perDecision).length * decisions) + 150;
}

export function encodeFinishedEpisodes(request: FinishedEpisodes): wire.FinishEpisodesRequest {
  return { attempt: encodeKey(request), episodes: request.episodes.map(encodeEpisode) };
}

export function decodeFinishedEpisodes(message: wire.FinishEpisodesRequest): FinishedEpisodes {
  return {
    ...decodeKey(message.attempt),
    episodes: message.episodes.map((episode, index) => decodeEpisode(`episodes[${index}]`, episode)),
  };
}

export function encodeTrajectoriesRequest(key: AttemptKey): wire.ListTrajectoriesRequest {
  return { attempt: encodeKey(key) };
}

export function decodeTrajectoriesRequest(message: wire.ListTrajectoriesRequest): AttemptKey {
  return decodeKey(message.attempt);
}

export function encodeTrajectories(episodes: readonly RecordedEpisode[]): wire.ListTrajectoriesResponse {
  return {
    episodes: episodes.map(({ iteration, position, ...episode }) => ({
      episode: encodeEpisode(episode),
      iteration,
      position,
    })),
  };
}

export function decodeTrajectories({ episodes }: wire.ListTrajectoriesResponse): RecordedEpisode[] {
  return episodes.map(({ episode, iteration, position }, index) => ({
    ...decodeEpisode(`episodes[${index}].episode`, present(`episodes[${index}].episode`, episode)),
    iteration: count(`episodes[${index}].iteration`, iteration),
    position: count(`episodes[${index}].position`, position),
  }));
}

export function encodeFinishedUpdate(request: FinishedUpdate): wire.FinishUpdateRequest {
  return { attempt: encodeKey(request), policy: request.policy, statistics: { ...request.statistics } };
}

export function decodeFinishedUpdate(message: wire.FinishUpdateRequest): FinishedUpdate {
  if (message.policy === "" || message.policy.includes("\0")) refuse("policy", "a policy's document", message.policy);
  return {
    ...decodeKey(message.attempt),
    policy: message.policy,
    statistics: decodeStatistics("statistics", message.statistics),
  };
}

/** Numbers by name; any number. */
export function decodeStatistics(
  field: string,
  statistics: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  for (const name of Object.keys(statistics)) nonEmpty(`the name of one of ${field}`, name);
  return { ...statistics };
}

function encodeEpisode(episode: Episode): wire.Episode {
  const { index, features, actions, logProbabilities, entropies, rewards } = episode;
  const { diverged, steps, finalEvaluationLoss, forwardPasses, backwardPasses, seconds } = episode;
  return {
    index,
    features: Array.from(features),
    actions: Array.from(actions),
    logProbabilities: Array.from(logProbabilities),
    entropies: Array.from(entropies),
    rewards: Array.from(rewards),
    ...{ diverged, steps, finalEvaluationLoss, forwardPasses, backwardPasses, seconds },
  };
}

function decodeEpisode(field: string, message: wire.Episode): Episode {
  const decisions = message.actions.length;
  const { features } = message;
  const whole = decisions === 0 ? features.length === 0 : features.length > 0 && features.length % decisions === 0;
  if (!whole) refuse(`${field}.features`, `as many for each of ${decisions} decisions`, features.length);
  const list = (name: keyof typeof perDecision) => {
    const { length } = message[name];
    if (length !== decisions) refuse(`${field}.${perDecision[name]}`, `as long as actions (${decisions})`, length);
    return finite(`${field}.${perDecision[name]}`, message[name]);
  };
  return {
    index: count(`${field}.index`, message.index),
    decisions,
    features: finite(`${field}.features`, features),
    actions: list("actions"),
    logProbabilities: list("logProbabilities"),
    entropies: list("entropies"),
    rewards: list("rewards"),
    diverged: message.diverged,
    steps: count(`${field}.steps`, message.steps),
    finalEvaluationLoss: message.finalEvaluationLoss,
    forwardPasses: count(`${field}.forward_passes`, message.forwardPasses),
    backwardPasses: count(`${field}.backward_passes`, message.backwardPasses),
    seconds: amount(`${field}.seconds`, message.seconds),
  };
}
