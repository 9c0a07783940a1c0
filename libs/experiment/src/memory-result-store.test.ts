import { describe, expect, it } from "vitest";
import { agentStoreContract } from "./contracts/agent-contract.js";
import { resultStoreContract } from "./contracts/result-store-contract.js";
import { sampleStudy } from "./contracts/samples.js";
import { workersContract } from "./contracts/workers-contract.js";
import { createMemoryResultStore } from "./memory-result-store.js";

describe("in memory", () => {
  workersContract(async () => createMemoryResultStore());
  resultStoreContract(async () => createMemoryResultStore());
  agentStoreContract(async () => createMemoryResultStore());
});

it("asks for a cohort again once its lease is over, to the millisecond", async () => {
  let time = 1_000;
  await using store = createMemoryResultStore({ now: () => time });
  const study = sampleStudy({ name: "leases" });
  await store.submitStudy(study);
  await store.startAttempt({ cohortId: "c-leases-0", workerId: "worker", executor: "tfjs-cpu" });
  const wanted = async () => (await store.undelivered({ leaseMs: 500, limit: 9 })).length;
  time = 1_499;
  expect(await wanted()).toBe(0);
  time = 1_500;
  expect(await wanted()).toBe(1);
  expect((await store.study("leases"))?.createdAt).toEqual(new Date(1_000));
});
