import type { EpisodeBatch, PolicyUpdate } from "../agent/domain.js";
import type { AgentStore, RecordedEpisode } from "../agent/ports.js";
import type { Answer, AttemptKey, ResultStore } from "../ports.js";
import { type SampleAgentOptions, sampleAgentStudy, sampleEpisodes } from "./agent-samples.js";

export type AgentResultStore = ResultStore & AgentStore;

/** Options of `undeliveredFlows` that leave nothing out. */
export const anyTime = { leaseMs: 60_000, limit: 100 };

/** A fresh agent's study, stored. */
export async function submitted(store: AgentResultStore, options?: SampleAgentOptions) {
  const study = sampleAgentStudy(options);
  await store.submitAgentStudy(study);
  return study;
}

/** What delivery must hold of a study. */
export async function flowsOf(store: AgentResultStore, studyName: string) {
  return store.undeliveredFlows({ ...anyTime, studyName });
}

/** Opens an attempt that must be granted. */
export async function started(
  store: AgentResultStore,
  { cohortId }: { readonly cohortId: string },
): Promise<AttemptKey> {
  const answer = await store.startAttempt({ cohortId, workerId: "worker", executor: "tfjs-cpu" });
  if (answer.kind !== "continue") throw new Error(`the attempt was refused: ${JSON.stringify(answer)}`);
  return { cohortId, token: answer.token };
}

/** Lives a batch of sample episodes. */
export async function lived(store: AgentResultStore, batch: EpisodeBatch, worth?: number): Promise<AttemptKey> {
  const key = await started(store, batch);
  requireContinue(await store.finishEpisodes({ ...key, episodes: sampleEpisodes(batch, worth) }));
  return key;
}

/** Learns: the same policy unless another is given. */
export async function learned(
  store: AgentResultStore,
  update: PolicyUpdate,
  policy = update.policy,
): Promise<AttemptKey> {
  const key = await started(store, update);
  const statistics = { entropy: 1.5, broken: Number.NaN };
  requireContinue(await store.finishUpdate({ ...key, policy, statistics }));
  return key;
}

/** Lives and learns everything that there is to do in a study; `worthOf` is the return of each episode of a version. */
export async function finishedAll(
  store: AgentResultStore,
  studyName: string,
  worthOf: (version: number) => number = () => 1,
) {
  for (;;) {
    const [flow] = await flowsOf(store, studyName);
    if (flow === undefined) return;
    for (const batch of flow.batches) await lived(store, batch, worthOf(batch.iteration));
    if (flow.update !== undefined) await learned(store, flow.update);
  }
}

/** All of a stream. */
export async function collected(episodes: AsyncIterable<RecordedEpisode>): Promise<RecordedEpisode[]> {
  const all: RecordedEpisode[] = [];
  for await (const episode of episodes) all.push(episode);
  return all;
}

/** Iteration, position and index of each. */
export const places = (episodes: readonly RecordedEpisode[]) =>
  episodes.map(({ iteration, position, index }) => [iteration, position, index].join("."));

function requireContinue(answer: Answer): void {
  if (answer.kind !== "continue") throw new Error(`it was answered ${JSON.stringify(answer)}`);
}
