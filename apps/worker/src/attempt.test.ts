import type { ResultStore } from "@stride/experiment";
import { sampleResults } from "@stride/experiment/contracts";
import { beforeEach, describe, expect, it } from "vitest";
import { cohort, failing, finished, openAttempts } from "../test/attempts.js";
import { inFourReports, sampleTraining, untilStopped } from "../test/trainers.js";
import { TrainingFailed } from "./trainer.js";

let store: ResultStore;
let run: Awaited<ReturnType<typeof openAttempts>>["run"];
let outcomes: Awaited<ReturnType<typeof openAttempts>>["outcomes"];
beforeEach(async () => {
  ({ store, run, outcomes } = await openAttempts());
});

describe("an attempt", () => {
  it("reports the whole curve and ends with the results", async () => {
    const { outcome } = await run();
    expect(outcome).toEqual(finished);
    const results = sampleResults(cohort);
    const rows = await store.trials("attempts");
    expect(rows.map(({ outcome, steps }) => ({ outcome, steps }))).toEqual(
      Array(2).fill({ outcome: "completed", steps: 40 }),
    );
    expect(rows.map((row) => row.finalEvaluationLoss)).toEqual(results.map((result) => result.finalEvaluationLoss));
    const whole = sampleTraining(cohort, { from: 0, to: 40 });
    const curves = await store.curves("attempts", {});
    expect(curves.map((curve) => curve.trainingLosses)).toEqual(whole.chunks.map((chunk) => chunk.trainingLosses));
  });

  it("records results once: delivered again, the cohort is dropped untrained", async () => {
    await run();
    const before = await store.trials("attempts");
    const { outcome, trainer } = await run();
    expect(outcome).toEqual({ kind: "dropped", because: "superseded" });
    expect(trainer.started).toBe(0);
    expect(await store.trials("attempts")).toEqual(before);
  });

  it.each(["cancelled", "paused"] as const)("drops a cohort untrained whose study is %s", async (state) => {
    await store.setStudyState("attempts", state);
    const { outcome, trainer } = await run();
    expect(outcome).toEqual({ kind: "dropped", because: state });
    expect(trainer.started).toBe(0);
  });

  it.each(["cancelled", "paused"] as const)(
    "stops the training and drops the cohort when it is %s mid-way",
    async (state) => {
      const { outcome } = await run({
        async *reports(_, signal) {
          await store.setStudyState("attempts", state);
          yield* untilStopped(cohort, signal);
        },
      });
      expect(outcome).toEqual({ kind: "dropped", because: state });
    },
  );

  it("stops the training and drops the cohort when another worker took it over", async () => {
    const { outcome } = await run({
      async *reports(_, signal) {
        await store.startAttempt({ cohortId: cohort.cohortId, workerId: "other", executor: "none" });
        yield* untilStopped(cohort, signal);
      },
    });
    expect(outcome).toEqual({ kind: "dropped", because: "superseded" });
  });

  it("can be made again after a pause, which does not count", async () => {
    for (const _ of [1, 2, 3]) {
      await run({
        async *reports(_, signal) {
          await store.setStudyState("attempts", "paused");
          yield* untilStopped(cohort, signal);
        },
      });
      await store.setStudyState("attempts", "running");
    }
    expect((await run()).outcome).toEqual(finished);
  });
});

describe("a training that fails", () => {
  it("is recorded as a failed attempt and asks for redelivery, until attempts are used up", async () => {
    expect((await run({ reports: failing })).outcome).toEqual({ kind: "redeliver", because: "out of memory" });
    expect(await outcomes()).toEqual(["planned", "planned"]);
    expect((await run({ reports: failing })).outcome).toEqual({ kind: "dropped", because: "failed" });
    expect(await outcomes()).toEqual(["failed", "failed"]);
    expect((await run()).outcome).toEqual({ kind: "dropped", because: "failed" });
  });

  it("counts also when it ends without results and nobody stopped it", async () => {
    const { outcome } = await run({ reports: async function* () {} });
    expect(outcome).toEqual({ kind: "redeliver", because: "the training ended without results" });
  });

  it("after its results is no failure: they are recorded", async () => {
    const { outcome } = await run({
      async *reports(_, signal) {
        yield* inFourReports(cohort, signal);
        throw new TrainingFailed("the training process ended (SIGKILL)");
      },
    });
    expect(outcome).toEqual(finished);
    expect(await outcomes()).toEqual(["completed", "completed"]);
  });

  it("of a cancelled cohort is dropped as cancelled", async () => {
    const { outcome } = await run({
      async *reports() {
        await store.setStudyState("attempts", "cancelled");
        yield* failing();
      },
    });
    expect(outcome).toEqual({ kind: "dropped", because: "cancelled" });
  });
});
