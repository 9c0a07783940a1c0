import { optimizerLabel } from "@stride/optimizers/spec";
import { taskLabel } from "@stride/tasks/spec";
import { expect, it } from "vitest";
import type { Cohort, Trial } from "../domain.js";
import { InvalidArgument } from "../errors.js";
import type { PlannedStudy, ResultStore } from "../ports.js";
import { sampleReport, sampleResults } from "./samples.js";
import { finished, freshStudy, outcomesOf, started, submitted } from "./start.js";

const trialIds = ({ cohorts }: PlannedStudy) => cohorts.flatMap(({ trials }) => trials.map(({ trialId }) => trialId));

/** Submission, status, listing, pause and cancel. */
export function studiesContract(open: () => Promise<ResultStore>): void {
  it("stores a study with its trials", async () => {
    await using store = await open();
    const study = freshStudy({ cohorts: 2, trials: 3 });
    expect(await store.submitStudy(study)).toEqual({ added: 6, existing: 0 });
    expect(await store.knownTrialIds(study.name)).toEqual(new Set(trialIds(study)));
    const { createdAt, ...status } = { ...(await store.study(study.name)) };
    expect(createdAt).toBeInstanceOf(Date);
    expect(status).toEqual({
      name: study.name,
      state: "running",
      sweep: study.sweep,
      trials: { planned: 6, running: 0, completed: 0, diverged: 0, failed: 0, cancelled: 0 },
      stepsPlanned: 240,
      stepsDone: 0,
      cohorts: 2,
      unfinishedCohorts: 2,
    });
  });

  it("lists trials in the order they were planned, without results", async () => {
    await using store = await open();
    const { study, name, cohort } = await submitted(store, { cohorts: 2 });
    const rows = await store.trials(name);
    expect(rows.map(({ trialId }) => trialId)).toEqual(trialIds(study));
    const trial = cohort.trials[0] as Trial;
    expect(rows[0]).toEqual({
      trialId: trial.trialId,
      cohortId: cohort.cohortId,
      task: taskLabel(trial.task),
      optimizer: optimizerLabel(trial.optimizer),
      noise: "none",
      schedule: "greedy",
      learningRate: trial.learningRate,
      drawn: false,
      seed: trial.seed,
      split: "report",
      outcome: "planned",
      steps: 0,
      finalEvaluationLoss: null,
      bestEvaluationLoss: null,
      areaUnderCurve: null,
      forwardPasses: 0,
      backwardPasses: 0,
      seconds: 0,
      attempts: 0,
      executor: null,
    });
  });

  it("knows nothing of a study that was never submitted", async () => {
    await using store = await open();
    expect((await store.knownTrialIds("unknown")).size).toBe(0);
    expect(await store.study("unknown")).toBeUndefined();
    expect(await store.setStudyState("unknown", "paused")).toBeUndefined();
    expect(await store.retryFailed("unknown")).toBe(0);
    expect(await store.trials("unknown")).toEqual([]);
    expect(await store.curves("unknown", {})).toEqual([]);
  });

  it("adds nothing when a study is submitted twice, and keeps its results", async () => {
    await using store = await open();
    const { study, name, cohort } = await submitted(store, { cohorts: 2 });
    await finished(store, cohort);
    const before = await store.study(name);
    expect(await store.submitStudy(study)).toEqual({ added: 0, existing: 4 });
    expect(await store.study(name)).toEqual(before);
    expect(await outcomesOf(store, name)).toEqual(["completed", "completed", "planned", "planned"]);
  });

  it("adds the new trials alone when a study is submitted with more", async () => {
    await using store = await open();
    const { study, name, cohort } = await submitted(store);
    await finished(store, cohort);
    const more = { ...freshStudy({ cohorts: 3 }), name, source: "more", sweep: { more: true } };
    const added = more.cohorts.slice(1).map((each): Cohort => ({ ...each, studyName: name }));
    expect(await store.submitStudy({ ...more, cohorts: [...study.cohorts, ...added] })).toEqual({
      added: 4,
      existing: 2,
    });
    expect(await outcomesOf(store, name)).toEqual([
      "completed",
      "completed",
      "planned",
      "planned",
      "planned",
      "planned",
    ]);
    expect(await store.study(name)).toMatchObject({ sweep: { more: true }, cohorts: 3, unfinishedCohorts: 2 });
  });

  it("leaves a known trial in its cohort when it is submitted in another", async () => {
    await using store = await open();
    const { study, name, cohort } = await submitted(store);
    const again = { ...cohort, cohortId: `${cohort.cohortId}-again` };
    expect(await store.submitStudy({ ...study, cohorts: [again] })).toEqual({ added: 0, existing: 2 });
    expect((await store.trials(name)).map(({ cohortId }) => cohortId)).toEqual([cohort.cohortId, cohort.cohortId]);
    expect((await store.study(name))?.cohorts).toBe(1);
  });

  it("adds a study once that is submitted twice at the same time", async () => {
    await using store = await open();
    const study = freshStudy({ cohorts: 3 });
    const answers = await Promise.all([store.submitStudy(study), store.submitStudy(study)]);
    expect(answers.map(({ added }) => added).sort()).toEqual([0, 6]);
    expect(await store.trials(study.name)).toHaveLength(6);
  });

  it("lists studies in the order they were created", async () => {
    await using store = await open();
    const [first, second] = [freshStudy(), freshStudy({ cohorts: 2 })];
    await store.submitStudy(first);
    await store.submitStudy(second);
    await store.submitStudy(first);
    const wanted = new Set([first.name, second.name]);
    const listed = (await store.studies()).filter(({ name }) => wanted.has(name));
    expect(listed.map(({ name, cohorts }) => [name, cohorts])).toEqual([
      [first.name, 1],
      [second.name, 2],
    ]);
  });

  it("counts progress by trial outcome and step", async () => {
    await using store = await open();
    const { study, name, cohort } = await submitted(store, { cohorts: 3 });
    const other = study.cohorts[1] as Cohort;
    await finished(store, cohort);
    const key = await started(store, other);
    await store.report(sampleReport(other, { ...key, from: 0, to: 10 }));
    expect(await store.study(name)).toMatchObject({
      trials: { planned: 2, running: 2, completed: 2, diverged: 0, failed: 0, cancelled: 0 },
      stepsPlanned: 240,
      stepsDone: 100,
      cohorts: 3,
      unfinishedCohorts: 2,
    });
  });

  it("tells a running attempt to stop when its study is paused, and lets others start after it is resumed", async () => {
    await using store = await open();
    const { name, cohort } = await submitted(store);
    const key = await started(store, cohort);
    expect((await store.setStudyState(name, "paused"))?.state).toBe("paused");
    const stop = { kind: "stop", reason: "paused" };
    const heartbeat = { ...key, step: 0, chunks: [], evaluations: [] };
    expect(await store.report(heartbeat)).toEqual(stop);
    expect(await store.report(heartbeat)).toEqual(stop);
    expect(await store.startAttempt({ ...key, workerId: "other", executor: "tfjs-cpu" })).toEqual(stop);
    expect((await store.setStudyState(name, "running"))?.state).toBe("running");
    expect((await started(store, cohort)).token).toBeGreaterThan(key.token);
    await finished(store, cohort);
    expect(await outcomesOf(store, name)).toEqual(["completed", "completed"]);
  });

  it("does not count pauses against a cohort's attempts", async () => {
    await using store = await open();
    const { name, cohort } = await submitted(store);
    for (let time = 0; time < 8; time += 1) {
      const key = await started(store, cohort);
      await store.setStudyState(name, "paused");
      await store.report({ ...key, step: 0, chunks: [], evaluations: [] });
      await store.setStudyState(name, "running");
    }
    await finished(store, cohort);
    expect(await outcomesOf(store, name)).toEqual(["completed", "completed"]);
  });

  it("keeps results that come in while the study is paused", async () => {
    await using store = await open();
    const { name, cohort } = await submitted(store);
    const key = await started(store, cohort);
    await store.setStudyState(name, "paused");
    expect(await store.finishAttempt({ ...key, results: sampleResults(cohort) })).toEqual({ kind: "continue" });
    expect(await outcomesOf(store, name)).toEqual(["completed", "completed"]);
  });

  it("cancels what is unfinished, for good, and keeps what is finished", async () => {
    await using store = await open();
    const { study, name, cohort } = await submitted(store, { cohorts: 3 });
    const running = study.cohorts[1] as Cohort;
    await finished(store, cohort);
    const key = await started(store, running);
    expect(await store.setStudyState(name, "cancelled")).toMatchObject({
      state: "cancelled",
      trials: { planned: 0, running: 0, completed: 2, diverged: 0, failed: 0, cancelled: 4 },
      unfinishedCohorts: 0,
    });
    const stop = { kind: "stop", reason: "cancelled" };
    expect(await store.report(sampleReport(running, { ...key, from: 0, to: 10 }))).toEqual(stop);
    expect(await store.finishAttempt({ ...key, results: sampleResults(running) })).toEqual(stop);
    expect(await store.startAttempt({ ...key, workerId: "other", executor: "tfjs-cpu" })).toEqual(stop);
    expect((await store.setStudyState(name, "running"))?.state).toBe("cancelled");
    expect(await store.retryFailed(name)).toBe(0);
    expect(await outcomesOf(store, name)).toEqual([
      ...["completed", "completed"],
      ...["cancelled", "cancelled", "cancelled", "cancelled"],
    ]);
  });

  it("takes no new trials into a cancelled study", async () => {
    await using store = await open();
    const { study, name } = await submitted(store);
    await store.setStudyState(name, "cancelled");
    expect(await store.submitStudy(study)).toEqual({ added: 0, existing: 2 });
    const more = freshStudy({ cohorts: 2 }).cohorts.map((cohort): Cohort => ({ ...cohort, studyName: name }));
    await expect(store.submitStudy({ ...study, cohorts: more })).rejects.toThrow(InvalidArgument);
    expect(await store.trials(name)).toHaveLength(2);
  });
}
