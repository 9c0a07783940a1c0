import { type Cohort, createMemoryResultStore } from "@stride/experiment";
import { sampleReport, sampleResults, sampleStudy } from "@stride/experiment/contracts";
import { describe, expect, it } from "vitest";
import { memoryLog, memoryMetrics } from "../../test/memory-metrics.js";
import { observedReporter } from "./observed-reporter.js";
import { studiesOfCohorts } from "./studies-of-cohorts.js";

const start = (cohort: Cohort, workerId = "worker-1") => ({
  cohortId: cohort.cohortId,
  workerId,
  executor: "onnx-cpu",
});

/** A store with one cohort, of a study that the observer knows, watched from outside. */
async function observed() {
  const store = createMemoryResultStore({ maxAttempts: 2 });
  const study = sampleStudy({ name: "watched" });
  await store.submitStudy(study);
  const [cohort] = study.cohorts as [Cohort];
  const [log, metrics, studies] = [memoryLog(), memoryMetrics(), studiesOfCohorts()];
  studies.remember(study.cohorts);
  const reporter = observedReporter(store, { log, metrics, studies });
  const about = { study: "watched", cohort: cohort.cohortId };
  return { store, cohort, log, metrics, reporter, about };
}

/** Opens an attempt that must be granted. */
async function started({ reporter, cohort }: Awaited<ReturnType<typeof observed>>, workerId?: string) {
  const answer = await reporter.startAttempt(start(cohort, workerId));
  if (answer.kind !== "continue") throw new Error(answer.kind);
  return { cohortId: cohort.cohortId, token: answer.token };
}

describe("an observed reporter", () => {
  it("logs an attempt from its start to its end, and counts the steps that were recorded", async () => {
    const each = await observed();
    const { reporter, cohort, log, metrics, about } = each;
    const key = await started(each);
    await reporter.report(sampleReport(cohort, { ...key, from: 0, to: 10 }));
    await reporter.report({ ...key, step: 10, chunks: [], evaluations: [] });
    await reporter.finishAttempt({ ...key, results: sampleResults(cohort) });
    expect(log.lines).toEqual([
      { level: "info", message: "attempt started", ...about, attempt: 1, worker: "worker-1", executor: "onnx-cpu" },
      { level: "info", message: "attempt ended", ...about, attempt: 1, ending: "finished", trials: 2, diverged: 0 },
    ]);
    expect(metrics.told).toEqual(["steps 20", "steps 0"]);
  });

  it("says which worker an attempt was lost with, when the next one starts, and counts nothing of it any more", async () => {
    const each = await observed();
    const { reporter, cohort, log, metrics, about } = each;
    const lost = await started(each, "worker-1");
    await started(each, "worker-2");
    expect(log.lines.slice(1)).toMatchObject([
      { level: "warn", message: "attempt lost", ...about, attempt: 1, worker: "worker-1" },
      { level: "info", message: "attempt started", ...about, attempt: 2, worker: "worker-2" },
    ]);
    await reporter.report(sampleReport(cohort, { ...lost, from: 0, to: 10 }));
    expect(metrics.told).toEqual([]);
  });

  it("warns of failures with their reason, and of the cohort that has used its attempts up", async () => {
    const each = await observed();
    const { reporter, cohort, log, about } = each;
    for (const _ of [1, 2])
      await reporter.abandonAttempt({ ...(await started(each)), end: "failed", message: "no memory" });
    await reporter.startAttempt(start(cohort));
    const ended = { level: "warn", message: "attempt ended", ...about, ending: "failed", reason: "no memory" };
    expect(log.lines.filter(({ message }) => message !== "attempt started")).toMatchObject([
      { ...ended, attempt: 1 },
      { ...ended, attempt: 2, told: "failed" },
      { level: "warn", message: "cohort failed", ...about, told: "failed" },
    ]);
  });

  it("tells a hand-over and a pause from failures", async () => {
    const each = await observed();
    const { store, reporter, cohort, log } = each;
    await reporter.abandonAttempt({ ...(await started(each)), end: "handed-back", message: "it was asked to go" });
    const key = await started(each);
    await store.setStudyState("watched", "paused");
    await reporter.report(sampleReport(cohort, { ...key, from: 0, to: 10 }));
    await reporter.report(sampleReport(cohort, { ...key, from: 0, to: 10 }));
    expect(log.lines.filter(({ message }) => message === "attempt ended")).toMatchObject([
      { level: "info", attempt: 1, ending: "handed-back" },
      { level: "info", attempt: 2, ending: "interrupted", told: "paused" },
    ]);
  });
});

it("the studies of cohorts are remembered up to a number, the newest", () => {
  const studies = studiesOfCohorts(2);
  const cohort = (cohortId: string) => ({ cohortId, studyName: `study of ${cohortId}` });
  studies.remember([cohort("a"), cohort("b")]);
  studies.remember([cohort("a")]);
  studies.remember([cohort("c")]);
  expect(["a", "b", "c"].map(studies.of)).toEqual(["study of a", undefined, "study of c"]);
});
