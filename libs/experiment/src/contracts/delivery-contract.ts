import { expect, it } from "vitest";
import { type Cohort, maxAttempts } from "../domain.js";
import type { ResultStore } from "../ports.js";
import { sampleReport } from "./samples.js";
import { finished, started, submitted } from "./start.js";

/** A lease that no test outlasts, and one that is over at once. */
const [long, over] = [3_600_000, 0];

/** Which cohorts the queue must hold. */
export function deliveryContract(open: () => Promise<ResultStore>): void {
  it("asks for every unfinished cohort, whole and in the order planned, up to the limit", async () => {
    await using store = await open();
    const { study, name } = await submitted(store, { cohorts: 4, trials: 3 });
    expect(await store.undelivered({ leaseMs: long, limit: 100, studyName: name })).toEqual(study.cohorts);
    expect(await store.undelivered({ leaseMs: long, limit: 3, studyName: name })).toEqual(study.cohorts.slice(0, 3));
    expect(await store.undelivered({ leaseMs: long, limit: 100, studyName: "unknown" })).toEqual([]);
  });

  it("asks for those of every running study unless one is named", async () => {
    await using store = await open();
    const [first, second] = [await submitted(store), await submitted(store)];
    const all = await store.undelivered({ leaseMs: long, limit: 1_000_000 });
    const ours = all.filter(({ studyName }) => studyName === first.name || studyName === second.name);
    expect(ours).toEqual([first.cohort, second.cohort]);
  });

  it("leaves out a cohort whose attempt was heard from within the lease", async () => {
    await using store = await open();
    const { study, cohort, name } = await submitted(store, { cohorts: 2 });
    const waiting = study.cohorts[1] as Cohort;
    const key = await started(store, cohort);
    expect(await store.undelivered({ leaseMs: long, limit: 9, studyName: name })).toEqual([waiting]);
    await store.report(sampleReport(cohort, { ...key, from: 0, to: 10 }));
    expect(await store.undelivered({ leaseMs: long, limit: 9, studyName: name })).toEqual([waiting]);
    expect(await store.undelivered({ leaseMs: over, limit: 9, studyName: name })).toEqual([cohort, waiting]);
  });

  it.each(["failed", "handed-back"] as const)("asks at once for a cohort whose attempt ended as %s", async (end) => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    await store.abandonAttempt({ ...(await started(store, cohort)), end, message: "" });
    expect(await store.undelivered({ leaseMs: long, limit: 9, studyName: name })).toEqual([cohort]);
  });

  it("leaves out finished, failed and cancelled cohorts, and asks for retried ones", async () => {
    await using store = await open();
    const { study, cohort, name } = await submitted(store, { cohorts: 2 });
    const failing = study.cohorts[1] as Cohort;
    const wanted = () => store.undelivered({ leaseMs: over, limit: 9, studyName: name });
    await finished(store, cohort);
    for (let time = 0; time < maxAttempts; time += 1) {
      await store.abandonAttempt({ ...(await started(store, failing)), end: "failed", message: "" });
    }
    expect(await wanted()).toEqual([]);
    await store.retryFailed(name);
    expect(await wanted()).toEqual([failing]);
    await store.setStudyState(name, "cancelled");
    expect(await wanted()).toEqual([]);
  });

  it("asks for nothing of a paused study, and at once for what was told to stop once it is resumed", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    const key = await started(store, cohort);
    await store.setStudyState(name, "paused");
    expect(await store.undelivered({ leaseMs: over, limit: 9, studyName: name })).toEqual([]);
    await store.report({ ...key, step: 0, chunks: [], evaluations: [] });
    await store.setStudyState(name, "running");
    expect(await store.undelivered({ leaseMs: long, limit: 9, studyName: name })).toEqual([cohort]);
  });
}
