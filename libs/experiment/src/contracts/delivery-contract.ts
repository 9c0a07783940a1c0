import { gradientRuleSpecSchema } from "@stride/optimizers/spec";
import { expect, it } from "vitest";
import { type Cohort, maxAttempts, type RateSpec, type Trial } from "../domain.js";
import { noiseSchema } from "../noise.js";
import { trialId } from "../plan.js";
import type { ResultStore } from "../ports.js";
import { stabilitySchema } from "../stability.js";
import { sampleReport } from "./samples.js";
import { finished, freshStudy, started, submitted } from "./start.js";

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

  it("delivers trials as they were submitted: noise, stability, gradient rule, draw and id", async () => {
    await using store = await open();
    const { name, cohorts } = freshStudy();
    const rule: Partial<Trial> = { schedule: gradientRuleSpecSchema.parse({ kind: "line-search" }) };
    const noise = noiseSchema.parse({ kind: "observed-loss", shape: "drift", strength: 1e-7, scale: "absolute" });
    const stability = stabilitySchema.parse({ bound: "block", fraction: 1 / 3, start: true });
    const changes: readonly Partial<Trial>[] = [
      { noise },
      { stability },
      { drawn: true },
      rule,
      { ...rule, noise, drawn: true },
    ];
    const varied = changes.map((change, number): Cohort => {
      const [trial] = (cohorts[0] as Cohort).trials as [Trial];
      const { trialId: _, ...content } = { ...trial, ...change, scheduleName: `rule ${number}` };
      const id = trialId(name, content);
      return { cohortId: `c-${id}`, studyName: name, trials: [{ trialId: id, ...content }] };
    });
    await store.submitStudy({ name, source: "", sweep: {}, cohorts: varied });
    expect(await store.undelivered({ leaseMs: long, limit: 9, studyName: name })).toEqual(varied);
  });

  it("delivers each cohort with the modules that its specs name, and no others", async () => {
    await using store = await open();
    const { name, cohorts } = freshStudy({ cohorts: 4 });
    const [own, twin, wrapped, plain] = cohorts as [Cohort, Cohort, Cohort, Cohort];
    const [first, second, stranger] = ["a", "b", "c"].map((digit) => digit.repeat(64)) as [string, string, string];
    const sources = { [first]: "export default () => 1;\n", [second]: "export default 'é ∂ \\u0041';\n" };
    const naming = (cohort: Cohort, spec: unknown): Cohort => ({
      ...cohort,
      trials: cohort.trials.map((trial) => ({
        ...trial,
        scheduleName: `our ${trial.scheduleName}`,
        schedule: spec as RateSpec,
      })),
    });
    const spec = {
      kind: "warmup",
      inner: { kind: "module", sha256: first },
      parts: [{ kind: "module", sha256: second }],
    };
    const submittedCohorts = [
      { ...naming(own, spec), modules: { ...sources, [stranger]: "not named" } },
      naming(twin, spec),
      naming(wrapped, spec),
      plain,
    ];
    await store.submitStudy({ name, source: "", sweep: {}, cohorts: submittedCohorts });
    expect(await store.undelivered({ leaseMs: long, limit: 9, studyName: name })).toEqual([
      ...[own, twin, wrapped].map((cohort) => ({ ...naming(cohort, spec), modules: sources })),
      plain,
    ]);
  });
}
