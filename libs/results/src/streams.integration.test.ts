import { sampleCohort } from "@stride/experiment/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { granted, reports } from "../test/attempts.js";
import { type TestDatabase, testDatabase } from "../test/test-database.js";
import type { PostgresResultStore } from "./index.js";

async function collected<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("a study of more than a page", () => {
  const cohorts = Array.from({ length: 11 }, (_, number) =>
    sampleCohort({ studyName: "large", number: 2 * number, trials: 1_000 }),
  );
  const trialIds = cohorts.flatMap(({ trials }) => trials.map(({ trialId }) => trialId));
  let database: TestDatabase;
  let store: PostgresResultStore;
  beforeAll(async () => {
    database = await testDatabase();
    store = await database.open();
    await store.submitStudy({ name: "large", source: "", sweep: {}, cohorts });
  });
  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  it("streams each trial once, in the order of the plan, as it lists them", async () => {
    const streamed = await collected(store.streamTrials("large"));
    expect(streamed.map(({ trialId }) => trialId)).toEqual(trialIds);
    expect(await store.trials("large")).toEqual(streamed);
  });

  it("streams the curves of each trial once, in the order of the plan, as it lists them", async () => {
    const [cohort] = cohorts;
    if (cohort === undefined) throw new Error("there is no cohort");
    for (const report of reports(cohort, await granted(store, cohort))) await store.report(report);
    const wanted = trialIds.slice(950, 1_050);
    const streamed = await collected(store.streamCurves("large", { trialIds: wanted.toReversed() }));
    expect(streamed.map(({ trialId }) => trialId)).toEqual(wanted);
    expect(streamed.map(({ trainingLosses }) => trainingLosses.length)).toEqual([
      ...Array(50).fill(40),
      ...Array(50).fill(0),
    ]);
    expect(await store.curves("large", { trialIds: wanted })).toEqual(streamed);
  });

  it("stops reading when nobody wants more", async () => {
    for await (const { trialId } of store.streamTrials("large")) {
      expect(trialId).toBe(trialIds[0]);
      break;
    }
    expect(await store.studies()).toHaveLength(1);
  });

  it("delivers whole cohorts, the oldest first, however often it is asked", async () => {
    for (const limit of [3, 11, 1, 11]) {
      const waiting = await store.undelivered({ leaseMs: 600_000, limit });
      expect(waiting).toEqual(cohorts.slice(1, 1 + limit));
    }
  });
});
