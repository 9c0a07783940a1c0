import { expect, it } from "vitest";
import { maxAttempts, type Trial, type TrialResult } from "../domain.js";
import { InvalidArgument } from "../errors.js";
import type { ResultStore } from "../ports.js";
import { sampleReport, sampleResults } from "./samples.js";
import { finished, outcomesOf, started, submitted } from "./start.js";

const superseded = { kind: "superseded" };
const failed = { kind: "stop", reason: "failed" };
const goOn = { kind: "continue" };

/** Fencing, finishing, abandoning, the cap on attempts, and retry. */
export function attemptsContract(open: () => Promise<ResultStore>): void {
  it("gives each attempt of a cohort a greater token", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    const tokens = [await started(store, cohort), await started(store, cohort), await started(store, cohort)].map(
      ({ token }) => token,
    );
    expect(tokens[1]).toBeGreaterThan(tokens[0] as number);
    expect(tokens[2]).toBeGreaterThan(tokens[1] as number);
    expect(await outcomesOf(store, name)).toEqual(["running", "running"]);
    expect((await store.trials(name)).map(({ attempts, executor }) => [attempts, executor])).toEqual([
      [3, "tfjs-cpu"],
      [3, "tfjs-cpu"],
    ]);
  });

  it("gives attempts that start at the same time different tokens", async () => {
    await using store = await open();
    const { cohort } = await submitted(store);
    const keys = await Promise.all([started(store, cohort, "one"), started(store, cohort, "two")]);
    expect(new Set(keys.map(({ token }) => token)).size).toBe(2);
  });

  it("records nothing from an attempt that another has followed", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    const old = await started(store, cohort);
    const key = await started(store, cohort);
    expect(await store.report(sampleReport(cohort, { ...old, from: 0, to: 10 }))).toEqual(superseded);
    expect(await store.finishAttempt({ ...old, results: sampleResults(cohort) })).toEqual(superseded);
    for (const end of ["failed", "handed-back"] as const) {
      expect(await store.abandonAttempt({ ...old, end, message: "late" })).toEqual(superseded);
    }
    expect(await outcomesOf(store, name)).toEqual(["running", "running"]);
    expect((await store.curves(name, {})).map(({ trainingLosses }) => trainingLosses.length)).toEqual([0, 0]);
    expect(await store.report(sampleReport(cohort, { ...key, from: 0, to: 10 }))).toEqual(goOn);
  });

  it("answers superseded for a cohort or an attempt that it does not know", async () => {
    await using store = await open();
    const { cohort } = await submitted(store);
    const { token } = await started(store, cohort);
    const [stranger, future] = [
      { cohortId: "unknown", token: 1 },
      { cohortId: cohort.cohortId, token: token + 1 },
    ];
    expect(await store.startAttempt({ cohortId: "unknown", workerId: "w", executor: "e" })).toEqual(superseded);
    for (const key of [stranger, future]) {
      expect(await store.report({ ...key, step: 0, chunks: [], evaluations: [] })).toEqual(superseded);
      expect(await store.finishAttempt({ ...key, results: [] })).toEqual(superseded);
      expect(await store.abandonAttempt({ ...key, end: "failed", message: "" })).toEqual(superseded);
    }
  });

  it("records all results at once, and once", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    const key = await started(store, cohort);
    const results = sampleResults(cohort);
    expect(await store.finishAttempt({ ...key, results })).toEqual(goOn);
    const before = await store.trials(name);
    expect(before).toMatchObject(
      results.map(({ outcome, ...numbers }) => ({ ...numbers, outcome: outcome.kind, attempts: 1 })),
    );
    const changed = results.map((result) => ({ ...result, finalEvaluationLoss: 99 }));
    expect(await store.finishAttempt({ ...key, results: changed })).toEqual(goOn);
    expect(await store.trials(name)).toEqual(before);
  });

  it("records results once that come twice at the same time", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    const key = await started(store, cohort);
    const results = sampleResults(cohort);
    const answers = await Promise.all([1, 2, 3].map(() => store.finishAttempt({ ...key, results })));
    expect(answers).toEqual([goOn, goOn, goOn]);
    expect(await store.study(name)).toMatchObject({ trials: { completed: 2 }, unfinishedCohorts: 0 });
  });

  it("has no more to record of a cohort that is finished", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    const key = await finished(store, cohort);
    const before = [await store.trials(name), await store.curves(name, {})];
    expect(await store.startAttempt({ ...key, workerId: "late", executor: "tfjs-cpu" })).toEqual(superseded);
    expect(await store.report(sampleReport(cohort, { ...key, from: 40, to: 50 }))).toEqual(superseded);
    expect(await store.abandonAttempt({ ...key, end: "failed", message: "late" })).toEqual(superseded);
    expect([await store.trials(name), await store.curves(name, {})]).toEqual(before);
  });

  it("refuses results that are not one for each of the cohort's trials", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    const key = await started(store, cohort);
    const [first, second] = sampleResults(cohort) as [TrialResult, TrialResult];
    const stranger = { ...second, trialId: "unknown" };
    for (const results of [[], [first], [first, stranger], [first, first], [first, second, stranger]]) {
      await expect(store.finishAttempt({ ...key, results })).rejects.toThrow(InvalidArgument);
    }
    expect(await outcomesOf(store, name)).toEqual(["running", "running"]);
    expect(await store.finishAttempt({ ...key, results: [second, first] })).toEqual(goOn);
  });

  it("keeps a diverged trial's infinities and not-a-numbers", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    const key = await started(store, cohort);
    const [first, second] = sampleResults(cohort) as [TrialResult, TrialResult];
    const diverged: TrialResult = {
      ...second,
      outcome: { kind: "diverged", step: 17 },
      steps: 17,
      finalEvaluationLoss: Number.POSITIVE_INFINITY,
      bestEvaluationLoss: Number.NaN,
      areaUnderCurve: Number.POSITIVE_INFINITY,
    };
    await store.finishAttempt({ ...key, results: [first, diverged] });
    expect(await store.study(name)).toMatchObject({
      trials: { completed: 1, diverged: 1 },
      stepsDone: 80,
      unfinishedCohorts: 0,
    });
    expect((await store.trials(name))[1]).toMatchObject({
      outcome: "diverged",
      steps: 17,
      finalEvaluationLoss: Number.POSITIVE_INFINITY,
      bestEvaluationLoss: Number.NaN,
      areaUnderCurve: Number.POSITIVE_INFINITY,
    });
  });

  it("plans a cohort again whose attempt is handed back, as often as it is", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    for (let time = 0; time < maxAttempts + 3; time += 1) {
      const key = await started(store, cohort);
      const request = { ...key, end: "handed-back", message: "asked to go" } as const;
      expect(await store.abandonAttempt(request)).toEqual(goOn);
      expect(await store.abandonAttempt(request)).toEqual(goOn);
      expect(await outcomesOf(store, name)).toEqual(["planned", "planned"]);
    }
    expect((await store.study(name))?.stepsDone).toBe(0);
    await finished(store, cohort);
    expect((await store.trials(name)).map(({ attempts }) => attempts)).toEqual([maxAttempts + 4, maxAttempts + 4]);
  });

  it("fails a cohort with the last attempt that it may fail", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    for (let time = 1; time <= maxAttempts; time += 1) {
      const request = { ...(await started(store, cohort)), end: "failed", message: "out of memory" } as const;
      const answer = time < maxAttempts ? goOn : failed;
      expect(await store.abandonAttempt(request)).toEqual(answer);
      expect(await store.abandonAttempt(request)).toEqual(answer);
    }
    expect(await outcomesOf(store, name)).toEqual(["failed", "failed"]);
    expect(await store.startAttempt({ ...cohort, workerId: "w", executor: "e" })).toEqual(failed);
    expect(await store.study(name)).toMatchObject({ trials: { planned: 0, failed: 2 }, unfinishedCohorts: 0 });
  });

  it("counts an attempt whose worker was lost as failed", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    for (let time = 1; time <= maxAttempts; time += 1) await started(store, cohort);
    expect(await store.startAttempt({ ...cohort, workerId: "w", executor: "e" })).toEqual(failed);
    expect(await outcomesOf(store, name)).toEqual(["failed", "failed"]);
  });

  it("retries exactly the failed trials, with fresh attempts", async () => {
    await using store = await open();
    const { study, cohort, name } = await submitted(store, { cohorts: 3 });
    const [, failing, waiting] = study.cohorts as [typeof cohort, typeof cohort, typeof cohort];
    await finished(store, cohort);
    const fail = async () => {
      const key = await started(store, failing);
      await store.abandonAttempt({ ...key, end: "failed", message: "again" });
      return key.token;
    };
    let token = 0;
    for (let time = 1; time <= maxAttempts; time += 1) token = await fail();
    expect(await store.retryFailed(name)).toBe(2);
    expect(await store.retryFailed(name)).toBe(0);
    const outcomes = ["completed", "completed", "planned", "planned", "planned", "planned"];
    expect(await outcomesOf(store, name)).toEqual(outcomes);
    for (let time = 1; time < maxAttempts; time += 1) expect(await fail()).toBeGreaterThan(token);
    expect(await outcomesOf(store, name)).toEqual(outcomes);
    await finished(store, failing);
    await finished(store, waiting);
    expect(await store.study(name)).toMatchObject({ trials: { completed: 6, failed: 0 }, unfinishedCohorts: 0 });
    const rows = await store.trials(name);
    expect(rows.map(({ trialId }) => trialId)).toEqual(
      study.cohorts.flatMap(({ trials }) => trials.map(({ trialId }: Trial) => trialId)),
    );
  });
}
