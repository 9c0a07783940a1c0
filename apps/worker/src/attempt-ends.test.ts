import type { ResultStore } from "@stride/experiment";
import { beforeEach, describe, expect, it } from "vitest";
import { cohort, failing, finished, openAttempts, unreachable } from "../test/attempts.js";
import { memoryLog } from "../test/memory-log.js";
import { inFourReports, type Reports, untilStopped } from "../test/trainers.js";

const handedBack = { kind: "redeliver", because: "handed back" };

let store: ResultStore;
let run: Awaited<ReturnType<typeof openAttempts>>["run"];
let outcomes: Awaited<ReturnType<typeof openAttempts>>["outcomes"];
beforeEach(async () => {
  ({ store, run, outcomes } = await openAttempts());
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
    const reports: Reports = (_, signal) => {
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
    const finishAttempt = () => Promise.reject(unreachable);
    await expect(run({ log, reporter: { finishAttempt } })).rejects.toBe(unreachable);
    const warning = { level: "warn", message: "attempt lost", ...fields, error: unreachable.message };
    expect(log.lines.at(-1)).toEqual(warning);
  });
});
