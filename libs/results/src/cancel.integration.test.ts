import { expect, it } from "vitest";
import { granted, submitted } from "../test/attempts.js";
import { testDatabase } from "../test/test-database.js";

it("retries nothing of a study that is being cancelled", async () => {
  await using database = await testDatabase();
  await using store = await database.open({ maxAttempts: 1 });
  const cohort = await submitted(store, "both");
  await store.abandonAttempt({ ...(await granted(store, cohort)), end: "failed", message: "" });
  const cancelling = await database.connect();
  await cancelling.query("begin; update stride.studies set state = 'cancelled'");
  const retried = store.retryFailed("both");
  await database.blocked();
  await cancelling.query("commit");
  await cancelling.end();
  expect(await retried).toBe(0);
  expect(await store.study("both")).toMatchObject({ trials: { failed: 2, planned: 0 }, unfinishedCohorts: 0 });
});

it("cancels what is being retried", async () => {
  await using database = await testDatabase();
  await using store = await database.open({ maxAttempts: 1 });
  const cohort = await submitted(store, "both");
  await store.abandonAttempt({ ...(await granted(store, cohort)), end: "failed", message: "" });
  const holder = await database.connect();
  await holder.query("begin; select from stride.cohorts for update");
  const retried = store.retryFailed("both");
  await database.blocked();
  const cancelled = store.setStudyState("both", "cancelled");
  await database.blocked(2);
  await holder.query("commit");
  await holder.end();
  expect(await retried).toBe(2);
  expect(await cancelled).toMatchObject({ trials: { cancelled: 2, planned: 0 }, unfinishedCohorts: 0 });
});

it("leaves a failed cohort failed, and says so to who would start it", async () => {
  await using database = await testDatabase();
  await using store = await database.open({ maxAttempts: 1 });
  const cohort = await submitted(store, "failed");
  await store.abandonAttempt({ ...(await granted(store, cohort)), end: "failed", message: "" });
  expect(await store.setStudyState("failed", "cancelled")).toMatchObject({ trials: { failed: 2, cancelled: 0 } });
  const request = { cohortId: cohort.cohortId, workerId: "worker", executor: "tfjs-cpu" };
  expect(await store.startAttempt(request)).toEqual({ kind: "stop", reason: "failed" });
});
