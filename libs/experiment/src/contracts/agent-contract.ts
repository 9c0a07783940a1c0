import { expect, it } from "vitest";
import type { EpisodeBatch, PolicyUpdate } from "../agent/domain.js";
import { maxAttempts } from "../domain.js";
import { InvalidArgument } from "../errors.js";
import { sampleAgentStudy, sampleEpisodes } from "./agent-samples.js";
import {
  type AgentResultStore,
  anyTime,
  collected,
  finishedAll,
  flowsOf,
  learned,
  lived,
  places,
  started,
  submitted,
} from "./agent-steps.js";
import { freshStudy } from "./start.js";

const goOn = { kind: "continue" };
const superseded = { kind: "superseded" };

/** What every `AgentStore` promises. */
export function agentStoreContract(open: () => Promise<AgentResultStore>): void {
  it("takes an agent's study once, with its first policy and the work of its first iteration", async () => {
    await using store = await open();
    const study = sampleAgentStudy();
    expect(await store.submitAgentStudy(study)).toEqual({ added: true });
    expect(await store.submitAgentStudy(study)).toEqual({ added: false });
    const [flow, ...others] = await flowsOf(store, study.name);
    expect(others).toEqual([]);
    expect(flow?.batches.map(({ position, purpose, policy }) => [position, purpose, policy])).toEqual([
      [0, "train", study.policy],
      [1, "train", study.policy],
      [2, "validation", study.policy],
    ]);
    expect(flow?.update).toMatchObject({ iteration: 0, policy: study.policy });
    expect(await store.policies(study.name)).toMatchObject([
      {
        name: study.name,
        version: 0,
        parent: null,
        study: study.name,
        algorithm: "ppo",
        training: null,
        validation: null,
      },
    ]);
    expect(await store.policyText(study.name, 0)).toBe(study.policy);
    expect(await store.policyText(study.name, 1)).toBeUndefined();
  });

  it("refuses a changed study, the policy's name of another, and trials under an agent's name", async () => {
    await using store = await open();
    const study = await submitted(store);
    const changed = { ...study, sweep: { ...study.sweep, iterations: 9 } };
    await expect(store.submitAgentStudy(changed)).rejects.toThrow(/is there with another sweep/);
    const taker = sampleAgentStudy({ policy: study.policyName });
    await expect(store.submitAgentStudy(taker)).rejects.toThrow(`belong to the study ${study.name}`);
    await expect(store.submitStudy({ ...freshStudy(), name: study.name })).rejects.toThrow(/is an agent's/);
    expect(await store.agentProgress(taker.name)).toBeUndefined();
  });

  it("hands agents' work out as flows alone, and none of a study that is paused or cancelled", async () => {
    await using store = await open();
    const { name } = await submitted(store);
    expect(await store.undelivered({ ...anyTime, studyName: name })).toEqual([]);
    await store.setStudyState(name, "paused");
    expect(await flowsOf(store, name)).toEqual([]);
    await store.setStudyState(name, "running");
    expect(await flowsOf(store, name)).toHaveLength(1);
    await store.setStudyState(name, "cancelled");
    expect(await flowsOf(store, name)).toEqual([]);
  });

  it("keeps what is being lived out of delivery, and the update with it", async () => {
    await using store = await open();
    const { name } = await submitted(store);
    const [whole] = await flowsOf(store, name);
    const [first, second] = whole?.batches ?? [];
    const key = await started(store, first as EpisodeBatch);
    const [rest] = await flowsOf(store, name);
    expect(rest?.batches.map(({ position }) => position)).toEqual([1, 2]);
    expect(rest?.update).toBeUndefined();
    await store.abandonAttempt({ ...key, end: "handed-back", message: "leaving" });
    expect((await flowsOf(store, name))[0]?.update).toBeDefined();
    await lived(store, first as EpisodeBatch);
    await lived(store, second as EpisodeBatch);
    const [ready] = await flowsOf(store, name);
    expect(ready?.batches.map(({ position }) => position)).toEqual([2]);
    expect(ready?.update).toBeDefined();
  });

  it("hands out what a lost worker held once its lease is over, and lets work that is done count while it is paused", async () => {
    await using store = await open();
    const { name } = await submitted(store);
    const batch = (await flowsOf(store, name))[0]?.batches[0] as EpisodeBatch;
    const lost = await started(store, batch);
    const noLease = { leaseMs: 0, limit: 100, studyName: name };
    expect((await store.undeliveredFlows(noLease))[0]?.batches[0]).toEqual(batch);
    const key = await started(store, batch);
    await store.setStudyState(name, "paused");
    expect(await store.finishEpisodes({ ...lost, episodes: sampleEpisodes(batch) })).toEqual(superseded);
    expect(await store.finishEpisodes({ ...key, episodes: sampleEpisodes(batch) })).toEqual(goOn);
    await store.setStudyState(name, "running");
    expect((await flowsOf(store, name))[0]?.batches.map(({ position }) => position)).toEqual([1, 2]);
    expect(await store.agentProgress(name)).toMatchObject({ episodes: 2, done: false });
  });

  it("records a batch once, whole or not at all, and from its newest attempt alone", async () => {
    await using store = await open();
    const { name } = await submitted(store);
    const batch = (await flowsOf(store, name))[0]?.batches[0] as EpisodeBatch;
    const old = await started(store, batch);
    const key = await started(store, batch);
    const episodes = sampleEpisodes(batch);
    expect(await store.finishEpisodes({ ...old, episodes })).toEqual(superseded);
    await expect(store.finishEpisodes({ ...key, episodes: episodes.slice(1) })).rejects.toThrow(
      /one for each of the 2 starts/,
    );
    const short = episodes.map((episode) => ({ ...episode, rewards: episode.rewards.slice(1) }));
    await expect(store.finishEpisodes({ ...key, episodes: short })).rejects.toThrow(
      /episode 0 .* must have 9 features and one number a decision, of 2 decisions/,
    );
    const endless = episodes.map((episode) => ({ ...episode, rewards: Float32Array.of(Number.NaN, 0) }));
    await expect(store.finishEpisodes({ ...key, episodes: endless })).rejects.toThrow(/must be finite, got NaN/);
    await expect(store.finishAttempt({ ...key, results: [] })).rejects.toThrow(/is no cohort of trials/);
    await expect(store.finishUpdate({ ...key, policy: batch.policy, statistics: {} })).rejects.toThrow(/is no update/);
    expect((await store.policies(name))[0]?.training).toBeNull();
    expect(await store.finishEpisodes({ ...key, episodes })).toEqual(goOn);
    expect(await store.finishEpisodes({ ...key, episodes })).toEqual(goOn);
    expect(await store.startAttempt({ cohortId: batch.cohortId, workerId: "late", executor: "none" })).toEqual(
      superseded,
    );
    const [row] = await store.policies(name);
    expect(row?.training).toEqual({
      episodes: 2,
      meanReturn: 1,
      divergence: 0.5,
      entropy: 1,
      steps: 60,
      forwardPasses: 100,
      backwardPasses: 80,
      seconds: 0.5,
    });
  });

  it("drops an update that comes before its batches were lived, which is no attempt", async () => {
    await using store = await open();
    const { name } = await submitted(store);
    const [flow] = await flowsOf(store, name);
    const update = flow?.update as PolicyUpdate;
    for (let i = 0; i <= maxAttempts; i++) {
      expect(await store.startAttempt({ cohortId: update.cohortId, workerId: "early", executor: "none" })).toEqual(
        superseded,
      );
    }
    for (const batch of flow?.batches.slice(0, 2) ?? []) await lived(store, batch);
    await learned(store, update);
  });

  it("gives an update the training episodes of its iteration, to the bit, in whatever order they came", async () => {
    await using store = await open();
    const { name } = await submitted(store);
    const [flow] = await flowsOf(store, name);
    const batches = flow?.batches ?? [];
    for (const batch of [...batches].reverse()) await lived(store, batch);
    const key = await started(store, flow?.update as PolicyUpdate);
    const episodes = await collected(store.trajectories(key));
    expect(places(episodes)).toEqual(["0.0.0", "0.0.1", "0.1.0", "0.1.1"]);
    const expected = batches
      .slice(0, 2)
      .flatMap((batch) =>
        sampleEpisodes(batch).map((episode) => ({ ...episode, iteration: 0, position: batch.position })),
      );
    expect(episodes).toEqual(expected);
    const newer = await started(store, flow?.update as PolicyUpdate);
    await expect(collected(store.trajectories(key))).rejects.toThrow(/no open attempt/);
    expect(await collected(store.trajectories(newer))).toEqual(expected);
  });

  it("replays the iterations before to an algorithm that remembers, and names its target", async () => {
    await using store = await open();
    const algorithm = "{ kind: double-dqn, replay: 2, target: 2 }";
    const { name } = await submitted(store, { algorithm, iterations: 4 });
    const targets: (string | undefined)[] = [];
    const seen: string[][] = [];
    for (let i = 0; i < 4; i++) {
      const [flow] = await flowsOf(store, name);
      for (const batch of flow?.batches ?? []) await lived(store, batch);
      const update = flow?.update as PolicyUpdate;
      targets.push(update.target);
      const key = await started(store, update);
      seen.push([...new Set((await collected(store.trajectories(key))).map(({ iteration }) => String(iteration)))]);
      const policy = JSON.stringify({ ...JSON.parse(update.policy), every: 10 + i });
      await store.finishUpdate({ ...key, policy, statistics: {} });
    }
    expect(seen).toEqual([["0"], ["0", "1"], ["1", "2"], ["2", "3"]]);
    const texts = await Promise.all([0, 2].map((version) => store.policyText(name, version)));
    expect(targets).toEqual([texts[0], texts[0], texts[1], texts[1]]);
  });

  it("records an update once, and plans the next iteration with it", async () => {
    await using store = await open();
    const { name, policy } = await submitted(store);
    const [flow] = await flowsOf(store, name);
    for (const batch of flow?.batches ?? []) await lived(store, batch);
    const update = flow?.update as PolicyUpdate;
    const old = await started(store, update);
    const key = await started(store, update);
    const next = JSON.stringify({ ...JSON.parse(policy), every: 20 });
    const statistics = { entropy: 1.5, broken: Number.NaN };
    expect(await store.finishUpdate({ ...old, policy: next, statistics })).toEqual(superseded);
    await expect(store.finishUpdate({ ...key, policy: "{}", statistics })).rejects.toBeInstanceOf(InvalidArgument);
    expect(await store.policyText(name, 1)).toBeUndefined();
    expect(await store.finishUpdate({ ...key, policy: next, statistics })).toEqual(goOn);
    expect(await store.finishUpdate({ ...key, policy: next, statistics })).toEqual(goOn);
    expect(await store.policyText(name, 1)).toBe(next);
    expect(await store.policies(name)).toMatchObject([
      { version: 0 },
      { version: 1, parent: 0, statistics: { entropy: 1.5 } },
    ]);
    const [second, ...others] = await flowsOf(store, name);
    expect(others).toEqual([]);
    expect(second?.batches.map(({ iteration, policy }) => [iteration, policy])).toEqual(Array(3).fill([1, next]));
    expect(second?.update?.iteration).toBe(1);
  });

  it("ends with the validation of the last version, and knows the best one", async () => {
    await using store = await open();
    const { name } = await submitted(store, { iterations: 3 });
    expect(await store.agentProgress(name)).toEqual({
      policyName: name,
      iterations: 3,
      iteration: 0,
      done: false,
      episodes: 0,
      best: null,
    });
    await finishedAll(store, name, (version) => [1, 3, 3, 2][version] as number);
    expect(await store.agentProgress(name)).toMatchObject({
      iteration: 3,
      done: true,
      episodes: 3 * 4 + 4 * 2,
      best: 1,
    });
    expect((await store.policies(name)).map(({ validation }) => validation?.meanReturn)).toEqual([1, 3, 3, 2]);
    expect(await store.study(name)).toMatchObject({ unfinishedCohorts: 0, cohorts: 3 * 4 + 1 });
  });

  it("counts episodes of the planned iterations as trials of the study's status", async () => {
    await using store = await open();
    const { name } = await submitted(store);
    const none = { planned: 0, running: 0, completed: 0, diverged: 0, failed: 0, cancelled: 0 };
    const planned = { stepsPlanned: 6 * 40, cohorts: 4, unfinishedCohorts: 4 };
    expect(await store.study(name)).toMatchObject({ trials: { ...none, planned: 6 }, stepsDone: 0, ...planned });
    const [first, second] = (await flowsOf(store, name))[0]?.batches ?? [];
    await lived(store, first as EpisodeBatch);
    const key = await started(store, second as EpisodeBatch);
    await store.report({ ...key, step: 10, chunks: [], evaluations: [] });
    expect(await store.study(name)).toMatchObject({
      trials: { ...none, planned: 2, running: 2, completed: 1, diverged: 1 },
      ...planned,
      stepsDone: 2 * 40 + 2 * 10,
      unfinishedCohorts: 3,
    });
    await store.setStudyState(name, "cancelled");
    expect(await store.study(name)).toMatchObject({
      trials: { ...none, completed: 1, diverged: 1, cancelled: 4 },
      unfinishedCohorts: 0,
    });
    expect(await store.finishEpisodes({ ...key, episodes: sampleEpisodes(second as EpisodeBatch) })).toEqual({
      kind: "stop",
      reason: "cancelled",
    });
    expect(await store.trials(name)).toEqual([]);
  });

  it("fails work whose attempts are used up, the update that waits for it too, and does both again when asked to", async () => {
    await using store = await open();
    const { name } = await submitted(store);
    const batch = (await flowsOf(store, name))[0]?.batches[0] as EpisodeBatch;
    for (let i = 0; i < maxAttempts; i++) {
      await store.abandonAttempt({ ...(await started(store, batch)), end: "failed", message: "out of memory" });
    }
    const waiting = async () => {
      const [flow] = await flowsOf(store, name);
      return { batches: flow?.batches.map(({ position }) => position), learns: flow?.update !== undefined };
    };
    expect(await waiting()).toEqual({ batches: [1, 2], learns: false });
    for (const other of (await flowsOf(store, name))[0]?.batches ?? []) await lived(store, other);
    expect(await store.study(name)).toMatchObject({ unfinishedCohorts: 0 });
    expect(await store.agentProgress(name)).toMatchObject({ iteration: 0, done: false });
    expect(await store.retryFailed(name)).toBe(2);
    expect(await waiting()).toEqual({ batches: [0], learns: true });
    await finishedAll(store, name);
    expect(await store.agentProgress(name)).toMatchObject({ iteration: 2, done: true });
  });
}
