import {
  createMemoryResultStore,
  type EpisodeBatch,
  type PolicyUpdate,
  type RecordedEpisode,
} from "@stride/experiment";
import { type AgentResultStore, sampleAgentStudy, sampleEpisodes } from "@stride/experiment/contracts";
import { beforeEach, describe, expect, it } from "vitest";
import { memoryLog } from "../test/memory-log.js";
import { runAttempt } from "./attempt.js";
import type { Trainer } from "./trainer.js";
import type { Work } from "./work-reports.js";

const study = sampleAgentStudy();
const finished = { kind: "finished" };

let store: AgentResultStore;
let seen: (readonly RecordedEpisode[])[];
beforeEach(async () => {
  store = createMemoryResultStore();
  seen = [];
  await store.submitAgentStudy(study);
});

/** Lives sample episodes, and learns a policy that decides half as often. */
const trainer: Trainer = {
  async *messages(request) {
    if (request.kind === "live") {
      yield { kind: "report", report: { step: 40, chunks: [], evaluations: [] } };
      yield { kind: "lived", episodes: sampleEpisodes(request.batch) };
    } else if (request.kind === "learn") {
      seen.push(request.episodes);
      const policy = JSON.stringify({ ...JSON.parse(request.update.policy), every: 20 });
      yield { kind: "learned", policy, statistics: { entropy: 1 } };
    }
  },
  async [Symbol.asyncDispose]() {},
};

async function run(work: Work, log = memoryLog()) {
  const signal = new AbortController().signal;
  const options = { reporter: store, trainer, workerId: "worker", executor: "none", heartbeatMs: 1_000, log, signal };
  return runAttempt({ work, ...options });
}

async function flow() {
  const [first] = await store.undeliveredFlows({ leaseMs: 60_000, limit: 1 });
  return first as { readonly batches: readonly EpisodeBatch[]; readonly update?: PolicyUpdate };
}

describe("an agent's work", () => {
  it("is lived, learned from in its order, and recorded: the next iteration follows", async () => {
    const { batches, update } = await flow();
    for (const batch of [...batches].reverse()) expect(await run(batch)).toEqual(finished);
    expect(await run(update as PolicyUpdate)).toEqual(finished);
    expect(seen[0]?.map(({ position, index }) => [position, index])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    expect(await store.policies(study.policyName)).toMatchObject([
      { version: 0 },
      { version: 1, statistics: { entropy: 1 } },
    ]);
    expect((await flow()).batches.map(({ iteration }) => iteration)).toEqual([1, 1, 1]);
  });

  it("is dropped where it was recorded already, and where it comes too early", async () => {
    const { batches, update } = await flow();
    await run(batches[0] as EpisodeBatch);
    const dropped = { kind: "dropped", because: "superseded" };
    expect(await run(batches[0] as EpisodeBatch)).toEqual(dropped);
    expect(await run(update as PolicyUpdate)).toEqual(dropped);
  });

  it("is logged with its iteration and its size", async () => {
    const { batches } = await flow();
    const log = memoryLog();
    await run(batches[0] as EpisodeBatch, log);
    expect(log.lines[0]).toMatchObject({ message: "attempt started", study: study.name, iteration: 0, episodes: 2 });
  });
});
