import { sampleAgentStudy, sampleEpisodes } from "@stride/experiment/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../test/test-database.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

it("cancels also the iteration that an update plans while its study is being cancelled", async () => {
  await using store = await database.open();
  const study = sampleAgentStudy();
  const { name, policy } = study;
  await store.submitAgentStudy(study);
  const [flow] = await store.undeliveredFlows({ leaseMs: 60_000, limit: 1 });
  const attempt = async ({ cohortId }: { readonly cohortId: string }) => {
    const answer = await store.startAttempt({ cohortId, workerId: "worker", executor: "none" });
    if (answer.kind !== "continue") throw new Error(`${cohortId} was refused: ${answer.kind}`);
    return { cohortId, token: answer.token };
  };
  for (const batch of flow?.batches ?? []) {
    await store.finishEpisodes({ ...(await attempt(batch)), episodes: sampleEpisodes(batch) });
  }
  const key = await attempt(flow?.update ?? { cohortId: "none" });

  const hold = await database.connect();
  await hold.query("begin; lock table stride.policies in exclusive mode");
  const learned = store.finishUpdate({ ...key, policy, statistics: {} });
  await database.blocked(1);
  const cancelled = store.setStudyState(name, "cancelled");
  await database.blocked(2);
  await hold.end();

  expect(await learned).toEqual({ kind: "continue" });
  expect(await cancelled).toMatchObject({ state: "cancelled", unfinishedCohorts: 0, trials: { planned: 0 } });
  expect(await store.policies(name)).toHaveLength(2);
});
