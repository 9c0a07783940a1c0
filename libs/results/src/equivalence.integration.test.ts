import { type Cohort, createMemoryResultStore, type ResultStore } from "@stride/experiment";
import { sampleReport, sampleResults, sampleStudy } from "@stride/experiment/contracts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../test/test-database.js";
import type { PostgresResultStore } from "./index.js";

const maxAttempts = 2;

/** Whatever a coordinator may ask of one study, by cohort and by how old the token is. */
const step = fc.record({
  what: fc.constantFrom(
    ...(["start", "start", "report", "report", "finish", "failed", "handed-back"] as const),
    ...(["paused", "running", "running", "cancelled", "retry", "submit"] as const),
  ),
  cohort: fc.constantFrom(0, 1),
  age: fc.constantFrom(0, 0, 0, 1, -1),
  from: fc.constantFrom(0, 10, 20),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Does to a store what the steps say, and returns all that it answered. */
async function transcript(store: ResultStore, name: string, steps: readonly Step[]): Promise<readonly unknown[]> {
  const study = sampleStudy({ name, cohorts: 2 });
  const tokens = [0, 0];
  const answers: unknown[] = [await store.submitStudy(study)];

  function answer({ what, cohort: place, age, from }: Step): Promise<unknown> {
    const cohort = study.cohorts[place] as Cohort;
    const { cohortId } = cohort;
    const key = { cohortId, token: (tokens[place] as number) - age };
    switch (what) {
      case "start":
        return store.startAttempt({ cohortId, workerId: "worker", executor: "tfjs-cpu" }).then((started) => {
          if (started.kind === "continue") tokens[place] = started.token;
          return started;
        });
      case "report":
        return store.report(sampleReport(cohort, { ...key, from, to: from + 10 }));
      case "finish":
        return store.finishAttempt({ ...key, results: sampleResults(cohort) });
      case "failed":
      case "handed-back":
        return store.abandonAttempt({ ...key, end: what, message: what });
      case "retry":
        return store.retryFailed(name);
      case "submit":
        return store.submitStudy(study);
      default:
        return store.setStudyState(name, what).then((status) => status?.state);
    }
  }

  for (const each of steps) {
    const { createdAt: _, ...status } = { ...(await store.study(name)) };
    answers.push([each.what, await answer(each), status]);
  }
  const waiting = await store.undelivered({ leaseMs: 600_000, limit: 9, studyName: name });
  return [...answers, waiting, await store.trials(name), await store.curves(name, {})];
}

describe("Postgres and memory", () => {
  let database: TestDatabase;
  let postgres: PostgresResultStore;
  let studies = 0;
  beforeAll(async () => {
    database = await testDatabase();
    postgres = await database.open({ maxAttempts });
  });
  afterAll(async () => {
    await postgres[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  it("answer alike, whatever is asked in whatever order", () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: "max" }), async (steps) => {
        const name = `study-${++studies}`;
        await using memory = createMemoryResultStore({ maxAttempts });
        expect(await transcript(postgres, name, steps)).toEqual(await transcript(memory, name, steps));
      }),
      { numRuns: 60 },
    ));
});
