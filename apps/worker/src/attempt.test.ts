import { type Cohort, createMemoryResultStore, type ResultStore, type TrialReporter } from "@stride/experiment";
import { sampleResults, sampleStudy } from "@stride/experiment/contracts";
import { beforeEach, describe, expect, it } from "vitest";
import { memoryLog } from "../test/memory-log.js";
import { inFourReports, memoryTrainer, sampleTraining, untilStopped } from "../test/trainers.js";
import { runAttempt } from "./attempt.js";
import { type Trainer, TrainingFailed } from "./trainer.js";

const study = sampleStudy({ name: "attempts" });
const [cohort] = study.cohorts as [Cohort];
const finished = { kind: "finished" };
const handedBack = { kind: "redeliver", because: "handed back" };
const unreachable = new Error("cannot reach the coordinator");

let store: ResultStore;
beforeEach(async () => {
  store = createMemoryResultStore({ maxAttempts: 2 });
  await store.submitStudy(study);
});

interface Given {
  readonly reports?: Trainer["reports"];
  readonly reporter?: Partial<TrialReporter>;
  readonly signal?: AbortSignal;
}

/** Runs one attempt; whatever comes of it, nothing may train afterwards. */
async function run({ reports, reporter, signal = new AbortController().signal }: Given = {}) {
  const trainer = memoryTrainer(reports);
  const log = memoryLog();
  const outcome = await runAttempt({
    cohort,
    reporter: { ...store, ...reporter },
    trainer,
    workerId: "worker",
    executor: "none",
    heartbeatMs: 1,
    log,
    signal,
  }).finally(() => expect(trainer.training).toBe(0));
  return { outcome, trainer, log };
}

async function outcomes(): Promise<readonly string[]> {
  return (await store.trials("attempts")).map(({ outcome }) => outcome);
}

async function* failing(): ReturnType<Trainer["reports"]> {
  yield sampleTraining(cohort, { from: 0, to: 10 });
  throw new TrainingFailed("out of memory");
}

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

describe("a worker asked to leave", () => {
  it("hands its cohort back, which does not count as an attempt", async () => {
    for (const _ of [1, 2, 3]) {
      const leave = new AbortController();
      const { outcome } = await run({
        signal: leave.signal,
        async *reports(_, signal) {
          setImmediate(() => leave.abort());
          yield* untilStopped(cohort, signal);
        },
      });
      expect(outcome).toEqual(handedBack);
      expect(await outcomes()).toEqual(["planned", "planned"]);
    }
    expect((await run()).outcome).toEqual(finished);
  });

  it("opens no attempt any more", async () => {
    const { outcome, trainer } = await run({ signal: AbortSignal.abort() });
    expect(outcome).toEqual(handedBack);
    expect(trainer.started).toBe(0);
    expect((await store.trials("attempts")).map(({ attempts }) => attempts)).toEqual([0, 0]);
  });

  it("while its attempt is being opened hands it back", async () => {
    const leave = new AbortController();
    const { outcome } = await run({
      signal: leave.signal,
      reports: untilStopped,
      reporter: {
        startAttempt(request) {
          leave.abort();
          return store.startAttempt(request);
        },
      },
    });
    expect(outcome).toEqual(handedBack);
    expect(await outcomes()).toEqual(["planned", "planned"]);
  });

  it.each(["before the results are reported", "while they are recorded"])(
    "once the training is complete records the results, asked %s",
    async (when) => {
      const leave = new AbortController();
      const { outcome } = await run({
        signal: leave.signal,
        async *reports(_, signal) {
          for await (const report of inFourReports(cohort, signal)) {
            if (report.results !== undefined && when.startsWith("before")) leave.abort();
            yield report;
          }
        },
        reporter: {
          finishAttempt(request) {
            leave.abort();
            return store.finishAttempt(request);
          },
        },
      });
      expect(outcome).toEqual(finished);
      expect(await outcomes()).toEqual(["completed", "completed"]);
    },
  );
});

describe("a coordinator out of reach for good", () => {
  const fail = () => Promise.reject(unreachable);

  it("stops the training, and rejects so that the queue delivers again", async () => {
    await expect(run({ reports: untilStopped, reporter: { report: fail } })).rejects.toBe(unreachable);
    expect((await run()).outcome).toEqual(finished);
  });

  it.each(["startAttempt", "finishAttempt"] as const)("rejects when it is %s that cannot be called", async (method) => {
    await expect(run({ reporter: { [method]: fail } })).rejects.toBe(unreachable);
    expect((await run()).outcome).toEqual(finished);
  });

  it("rejects when a cohort cannot be handed back", async () => {
    const leave = new AbortController();
    const reports: Trainer["reports"] = (_, signal) => {
      leave.abort();
      return untilStopped(cohort, signal);
    };
    await expect(run({ reports, signal: leave.signal, reporter: { abandonAttempt: fail } })).rejects.toBe(unreachable);
    expect((await run()).outcome).toEqual(finished);
  });

  it.each(["report", "abandonAttempt"] as const)(
    "rejects with both reasons when a failed training cannot %s",
    async (method) => {
      await expect(run({ reports: failing, reporter: { [method]: fail } })).rejects.toMatchObject({
        message: `the training failed (out of memory), which could not be reported: ${unreachable.message}`,
        cause: unreachable,
      });
      expect((await run()).outcome).toEqual(finished);
    },
  );
});

describe("the log of an attempt", () => {
  const fields = { study: "attempts", cohort: cohort.cohortId, trials: 2, attempt: 1 };

  it("has a line when it starts and one when it ends, each with study, cohort and attempt", async () => {
    const { log } = await run();
    expect(log.lines).toEqual([
      { level: "info", message: "attempt started", ...fields },
      { level: "info", message: "attempt ended", ...fields, kind: "finished" },
    ]);
  });

  it("warns of what must be delivered again, with the reason", async () => {
    const { log } = await run({ reports: failing });
    const ending = { kind: "redeliver", because: "out of memory" };
    expect(log.lines.at(-1)).toEqual({ level: "warn", message: "attempt ended", ...fields, ...ending });
  });

  it("warns of an attempt that was lost to an error", async () => {
    const log = memoryLog();
    const options = { cohort, trainer: memoryTrainer(), workerId: "worker", executor: "none", heartbeatMs: 1, log };
    const reporter = { ...store, finishAttempt: () => Promise.reject(unreachable) };
    await expect(runAttempt({ ...options, reporter, signal: new AbortController().signal })).rejects.toBe(unreachable);
    const warning = { level: "warn", message: "attempt lost", ...fields, error: unreachable.message };
    expect(log.lines.at(-1)).toEqual(warning);
  });
});
