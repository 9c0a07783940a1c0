import type { StudyStatus } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { type StatusOptions, statusReader } from "./status.js";

const none = { planned: 0, running: 0, completed: 0, diverged: 0, failed: 0, cancelled: 0 };
const study: StudyStatus = {
  name: "one",
  state: "running",
  createdAt: new Date(0),
  trials: { ...none, running: 4 },
  stepsPlanned: 1_000,
  stepsDone: 0,
  cohorts: 1,
  unfinishedCohorts: 1,
};

/** A reader over a store that says what `studies` gives, with a clock of its own. */
function reader(studies: () => readonly StudyStatus[], options: Partial<StatusOptions> = {}) {
  const clock = { now: 0, looks: 0 };
  const worker = {
    workerId: "w",
    version: "0",
    executor: "onnx-cpu",
    slots: 1,
    concurrency: 1,
    busy: 0,
    devices: [],
    firstSeenAt: new Date(0),
  };
  const store = {
    studies: async () => {
      clock.looks += 1;
      return studies();
    },
    workers: async () => [
      { ...worker, state: "working" as const, lastSeenAt: new Date(clock.now) },
      { ...worker, workerId: "silent", state: "working" as const, lastSeenAt: new Date(clock.now - 60_000) },
      { ...worker, workerId: "left", state: "gone" as const, lastSeenAt: new Date(clock.now) },
    ],
    monitor: {
      unfinishedCohorts: async () => [],
      load: async () => ({ unfinishedCohorts: 3, waitingCohorts: 2, oldestWaitingSeconds: 5 }),
    },
  };
  const read = statusReader({
    version: "0",
    startedAt: new Date(0),
    leaseMs: 1,
    now: () => clock.now,
    ...options,
    store: store as never,
  });
  return { clock, read };
}

describe("the status", () => {
  it("tells the time left at the pace between looks, and none before there is a pace", async () => {
    let stepsDone = 0;
    const { clock, read } = reader(() => [{ ...study, stepsDone }]);
    expect((await read()).studies[0]).toMatchObject({ phase: "running", secondsLeft: null });
    [clock.now, stepsDone] = [10_000, 200];
    expect((await read()).studies[0]).toMatchObject({ phase: "running", secondsLeft: 40 });
  });

  it("tells no time left of studies that do not run", async () => {
    const states = [
      { ...study, state: "paused" as const },
      { ...study, unfinishedCohorts: 0 },
      { ...study, state: "cancelled" as const },
    ];
    const { read } = reader(() => states);
    expect((await read()).studies.map(({ phase, secondsLeft }) => [phase, secondsLeft])).toEqual([
      ["cancelled", null],
      ["done", null],
      ["paused", null],
    ]);
  });

  it("shows the newest studies, and says how many are older", async () => {
    const { read } = reader(() => Array.from({ length: 53 }, (_, index) => ({ ...study, name: `s${index}` })));
    const { studies, olderStudies } = await read();
    expect([studies[0]?.name, studies.length, olderStudies]).toEqual(["s52", 50, 3]);
  });

  it("leaves out workers that said they go, and tells lost ones", async () => {
    const { clock, read } = reader(() => []);
    clock.now = 100_000;
    expect((await read()).workers.map(({ workerId, state }) => [workerId, state])).toEqual([
      ["w", "working"],
      ["silent", "lost"],
    ]);
  });

  it("is looked up at most once a second, however many ask, and again at once after a failure", async () => {
    let broken = false;
    const { clock, read } = reader(() => {
      if (broken) throw new Error("away");
      return [];
    });
    await Promise.all([read(), read()]);
    clock.now = 999;
    await read();
    expect(clock.looks).toBe(1);
    clock.now = 1_000;
    broken = true;
    await expect(read()).rejects.toThrow("away");
    broken = false;
    await read();
    expect(clock.looks).toBe(3);
  });
});
