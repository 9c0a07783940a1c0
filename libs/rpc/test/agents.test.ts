import { InvalidArgument, PolicyNotFound, type RecordedEpisode, StudyNotFound } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { createLaboratoryClient, Unreachable } from "../src/index.js";
import { breakableConnection } from "./breakable-connection.js";
import { memoryLaboratory, policyRow } from "./memory-laboratory.js";
import { memoryReporter } from "./memory-reporter.js";
import { briefTiming, impatient, patient, serving, start } from "./serving.js";

const key = { cohortId: start.cohortId, token: 1 };

/** An episode of so many decisions, each number another; lived in iteration `number` / 10. */
function lived(number: number, decisions = 100, features = 16): RecordedEpisode {
  const numbers = (count: number, from: number) => new Float32Array(count).map((_, index) => from + index / 1024);
  return {
    index: number % 5,
    decisions,
    features: numbers(decisions * features, number),
    actions: numbers(decisions, 0),
    logProbabilities: numbers(decisions, -3),
    entropies: numbers(decisions, 1),
    rewards: numbers(decisions, -number),
    diverged: number % 2 === 1,
    steps: 10 * decisions,
    finalEvaluationLoss: number % 2 === 1 ? Number.POSITIVE_INFINITY : 0.125,
    forwardPasses: 11 * decisions,
    backwardPasses: 10 * decisions,
    seconds: 0.25,
    iteration: Math.floor(number / 10),
    position: Math.floor(number / 5) % 2,
  };
}

const withoutPlace = ({ iteration: _, position: __, ...episode }: RecordedEpisode) => episode;

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("a reporter's client and the server, of an agent", () => {
  it("carry a batch from its start to its 64 episodes", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = impatient(server.address);
    await client.startAttempt(start);
    const episodes = Array.from({ length: 64 }, (_, number) => withoutPlace(lived(number)));
    expect(await client.finishEpisodes({ ...key, episodes })).toEqual({ kind: "continue" });
    expect(reporter.episodes).toEqual(episodes);
  });

  it("carry a batch of 20 megabytes in one call, and refuse a larger one than a call may be", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = impatient(server.address, { retry: { limitMs: 0, deadlineMs: 60_000 } });
    await client.startAttempt(start);
    const batch = (count: number) => Array.from({ length: count }, () => withoutPlace(lived(1, 2_500)));
    expect(await client.finishEpisodes({ ...key, episodes: batch(100) })).toEqual({ kind: "continue" });
    expect(reporter.episodes).toHaveLength(100);
    const tooMuch = client.finishEpisodes({ ...key, episodes: batch(170) });
    await expect(tooMuch).rejects.toThrow(/^a call may carry at most 33554432 bytes, this one has 34\d{6}$/);
  });

  it("carry an update from its trajectories to its policy", async () => {
    const trajectories = Array.from({ length: 30 }, (_, number) => lived(number));
    const reporter = memoryReporter({ trajectories: () => trajectories });
    await using server = await serving({ reporter });
    await using client = impatient(server.address);
    await client.startAttempt(start);
    expect(await collect(client.trajectories(key))).toEqual(trajectories);
    const update = { policy: '{"é":1}', statistics: { "policy loss": -0.25, "value loss": Number.NaN } };
    expect(await client.finishUpdate({ ...key, ...update })).toEqual({ kind: "continue" });
    expect(reporter.updates).toEqual([update]);
  });

  it("carry an update that has nothing to learn from", async () => {
    await using server = await serving();
    await using client = impatient(server.address);
    await client.startAttempt(start);
    expect(await collect(client.trajectories(key))).toEqual([]);
  });

  it("carry trajectories far above the limit of a message", async () => {
    async function* trajectories() {
      for (let number = 0; number < 5_000; number += 1) yield lived(number);
    }
    await using server = await serving({ reporter: memoryReporter({ trajectories }) });
    await using client = impatient(server.address, { retry: { deadlineMs: 60_000 } });
    await client.startAttempt(start);
    let count = 0;
    let bytes = 0;
    for await (const { features, rewards, iteration } of client.trajectories(key)) {
      if (features[0] !== count || rewards[0] !== -count || iteration !== Math.floor(count / 10)) break;
      count += 1;
      bytes += features.byteLength;
    }
    expect(count).toBe(5_000);
    expect(bytes).toBe(5_000 * 6_400);
  });

  it("answer an older token with superseded, and refuse it the trajectories", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = impatient(server.address);
    await client.startAttempt(start);
    await client.startAttempt(start);
    expect(await client.finishEpisodes({ ...key, episodes: [] })).toEqual({ kind: "superseded" });
    expect(await client.finishUpdate({ ...key, policy: "{}", statistics: {} })).toEqual({ kind: "superseded" });
    await expect(collect(client.trajectories(key))).rejects.toThrow(InvalidArgument);
    expect(reporter.updates).toEqual([]);
  });

  it("go on with the trajectories where the connection broke, each episode once", async () => {
    const trajectories = Array.from({ length: 2_000 }, (_, number) => lived(number));
    const reporter = memoryReporter({ trajectories: () => trajectories });
    await using server = await serving({ reporter });
    await using connection = await breakableConnection(server.port);
    await using client = patient(connection.address);
    await client.startAttempt(start);
    const seen: number[] = [];
    for await (const { features } of client.trajectories(key)) {
      seen.push(features[0] ?? -1);
      if (seen.length === 300) connection.breakNow();
    }
    expect(seen).toEqual(trajectories.map((_, number) => number));
    expect(reporter.calls.filter((call) => call === "trajectories")).toHaveLength(2);
  });

  it("give the trajectories up when they always break off", async () => {
    const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    async function* trajectories() {
      for (let number = 0; number < 200; number += 1) yield lived(number);
      throw reset;
    }
    const reporter = memoryReporter({ trajectories });
    await using server = await serving({ reporter });
    await using client = patient(server.address);
    await client.startAttempt(start);
    await expect(collect(client.trajectories(key))).rejects.toThrow(Unreachable);
    expect(reporter.calls.filter((call) => call === "trajectories")).toHaveLength(11);
  });
});

describe("a laboratory's client and the server, of policies", () => {
  const connect = (address: string) => createLaboratoryClient({ address, timing: briefTiming });
  const policies = [...Array.from({ length: 1_000 }, (_, version) => policyRow(version)), other()];

  function other() {
    return { ...policyRow(0), name: "other" };
  }

  it("list all of them, or those of one name", async () => {
    await using server = await serving({ laboratory: memoryLaboratory({ policies }) });
    await using client = connect(server.address);
    expect(await client.policies()).toEqual(policies);
    expect(await client.policies("other")).toEqual([other()]);
    expect(await client.policies("third")).toEqual([]);
  });

  it("give a policy's document, and say which one there is not", async () => {
    await using server = await serving({ laboratory: memoryLaboratory({ policies }) });
    await using client = connect(server.address);
    expect(await client.policyText("learned", 7)).toBe('{"every":7}');
    const missing = client.policyText("learned", 1_000);
    await expect(missing).rejects.toThrow(PolicyNotFound);
    await expect(missing).rejects.toThrow('there is no policy "learned@1000"');
    await expect(client.policyText("", 0)).rejects.toThrow(InvalidArgument);
  });

  it("tell an agent's progress, that a study is no agent's, and that there is none", async () => {
    const progress = { policyName: "learned", iterations: 60, iteration: 7, done: false, episodes: 448, best: null };
    await using server = await serving({ laboratory: memoryLaboratory({ progress }) });
    await using plain = await serving();
    await using client = connect(server.address);
    await using second = connect(plain.address);
    expect(await client.agentProgress("known")).toEqual(progress);
    expect(await second.agentProgress("known")).toBeUndefined();
    await expect(client.agentProgress("unknown")).rejects.toThrow(StudyNotFound);
  });
});
