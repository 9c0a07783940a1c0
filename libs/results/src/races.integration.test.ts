import type { Answer } from "@stride/experiment";
import { sampleResults, sampleStudy } from "@stride/experiment/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { granted, reports, started, submitted } from "../test/attempts.js";
import { type TestDatabase, testDatabase } from "../test/test-database.js";
import type { PostgresResultStore } from "./index.js";

const workers = Array.from({ length: 6 }, (_, number) => number);

describe("several workers at one cohort at once", () => {
  let database: TestDatabase;
  let stores: readonly [PostgresResultStore, PostgresResultStore];
  beforeAll(async () => {
    database = await testDatabase();
    stores = [await database.open({ maxAttempts: 100 }), await database.open({ maxAttempts: 100 })];
  });
  afterAll(async () => {
    for (const store of stores) await store[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const storeOf = (worker: number) => stores[worker % 2] as PostgresResultStore;

  it("record each trial once, whole, and from one attempt", async () => {
    for (const round of workers) {
      const name = `race-${round}`;
      const cohort = await submitted(stores[0], name);
      const answers = await Promise.all(
        workers.map(async (worker): Promise<Answer["kind"]> => {
          const store = storeOf(worker);
          const key = await started(store, cohort, `worker-${worker}`);
          if (key === undefined) return "superseded";
          const results = sampleResults(cohort).map((result) => ({ ...result, finalEvaluationLoss: key.token }));
          for (const report of reports(cohort, key, key.token)) {
            const [answer] = await Promise.all([store.report(report), store.report(report)]);
            if (answer.kind !== "continue") return answer.kind;
          }
          const [answer] = await Promise.all([1, 2].map(() => store.finishAttempt({ ...key, results })));
          return answer?.kind ?? "superseded";
        }),
      );
      expect(answers.toSorted()).toEqual(["continue", ...Array(5).fill("superseded")]);
      const rows = await stores[0].trials(name);
      const token = rows[0]?.attempts ?? 0;
      expect(rows.map(({ outcome, finalEvaluationLoss }) => [outcome, finalEvaluationLoss])).toEqual(
        rows.map(() => ["completed", token]),
      );
      const whole = reports(cohort, { cohortId: "", token }, token);
      expect((await stores[0].curves(name, {})).map(({ trainingLosses }) => [...trainingLosses])).toEqual(
        rows.map((_, trial) => whole.flatMap(({ chunks }) => [...(chunks[trial]?.trainingLosses ?? [])])),
      );
      expect((await stores[0].study(name))?.trials).toMatchObject({ completed: 2, running: 0 });
    }
  });

  it("have one row a chunk and one an evaluation, however often and from wherever they are reported", async () => {
    const cohort = await submitted(stores[0], "repeated");
    const key = await granted(stores[0], cohort);
    const answers = await Promise.all(
      workers.flatMap((worker) => reports(cohort, key).map((report) => storeOf(worker).report(report))),
    );
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(["continue"]));
    const text = `select (select count(*)::int from stride.curve_chunks join stride.trials using (trial_key)
      where trial_id like 't-repeated-%') as chunks, (select count(*)::int from stride.evaluations
      join stride.trials using (trial_key) where trial_id like 't-repeated-%') as evaluations`;
    expect(await database.query(text)).toEqual([{ chunks: 8, evaluations: 8 }]);
  });

  it("leave nothing of an attempt that was taken over while it reported", async () => {
    for (const round of workers) {
      const name = `takeover-${round}`;
      const cohort = await submitted(stores[0], name);
      const old = await granted(stores[0], cohort);
      const [, next] = await Promise.all([
        Promise.all(reports(cohort, old, 1000).map((report) => stores[0].report(report))),
        granted(stores[1], cohort),
      ]);
      await stores[1].report(reports(cohort, next)[0] as ReturnType<typeof reports>[number]);
      const curves = await stores[0].curves(name, {});
      expect(curves.map(({ trainingLosses }) => trainingLosses.length)).toEqual([10, 10]);
      expect(Math.max(...curves.flatMap(({ trainingLosses }) => [...trainingLosses]))).toBeLessThan(1000);
    }
  });

  it("finish, or fail, or are cancelled: the counts are those of the trials", async () => {
    for (const round of workers) {
      const name = `endings-${round}`;
      const cohort = await submitted(stores[0], name);
      const key = await granted(stores[0], cohort);
      await Promise.all([
        stores[0].finishAttempt({ ...key, results: sampleResults(cohort) }),
        stores[1].abandonAttempt({ ...key, end: "failed", message: "" }),
        round % 2 === 0 ? stores[1].setStudyState(name, "cancelled") : started(stores[1], cohort),
      ]);
      const rows = await stores[0].trials(name);
      const { outcome = "planned" } = rows[0] ?? {};
      expect(rows.map((row) => row.outcome)).toEqual([outcome, outcome]);
      expect((await stores[0].study(name))?.trials[outcome]).toBe(2);
    }
  });

  it("submit one study, and each trial is stored once", async () => {
    const study = sampleStudy({ name: "together", cohorts: 20 });
    const answers = await Promise.all(workers.map((worker) => storeOf(worker).submitStudy(study)));
    expect(answers.map(({ added }) => added).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, 40]);
    expect(await stores[0].trials("together")).toHaveLength(40);
  });
});
