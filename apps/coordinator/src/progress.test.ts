import type { StudyStatus } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { createProgress, describeTrials, formatSeconds, secondsLeft } from "./progress.js";

const status = (stepsDone: number): StudyStatus => ({
  name: "study",
  state: "running",
  createdAt: new Date(0),
  trials: { planned: 1, running: 2, completed: 3, diverged: 1, failed: 0, cancelled: 0 },
  stepsPlanned: 1_000,
  stepsDone,
  cohorts: 4,
  unfinishedCohorts: 2,
});

describe("secondsLeft", () => {
  it.each([
    { samples: [], expected: undefined },
    { samples: [{ atMs: 0, steps: 0 }], expected: undefined },
    {
      samples: [
        { atMs: 0, steps: 0 },
        { atMs: 1_000, steps: 0 },
      ],
      expected: undefined,
    },
    {
      samples: [
        { atMs: 0, steps: 0 },
        { atMs: 1_000, steps: 100 },
      ],
      expected: 9,
    },
    // Half a minute ago the pace was another: only the last 30 s count.
    {
      samples: [
        { atMs: 0, steps: 0 },
        { atMs: 60_000, steps: 100 },
        { atMs: 70_000, steps: 200 },
      ],
      expected: 80,
    },
    {
      samples: [
        { atMs: 0, steps: 500 },
        { atMs: 1_000, steps: 1_000 },
      ],
      expected: 0,
    },
  ])("is $expected for $samples", ({ samples, expected }) => {
    if (expected === undefined) expect(secondsLeft(samples, 1_000)).toBeUndefined();
    else expect(secondsLeft(samples, 1_000)).toBeCloseTo(expected, 9);
  });
});

describe("formatSeconds", () => {
  it.each([
    [0, "0 s"],
    [59.2, "1 m 00 s"],
    [75, "1 m 15 s"],
    [7_265, "2 h 01 m"],
  ])("%d → %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe("createProgress on a pipe", () => {
  it("prints a line at once, then no more often than asked, and the last state at the end", () => {
    const lines: string[] = [];
    let time = 0;
    const stream = { isTTY: false, write: (text: string) => lines.push(text) } as unknown as NodeJS.WriteStream;
    const progress = createProgress({ stream, now: () => time, plainEveryMs: 1_000 });
    progress.show(status(0));
    time = 500;
    progress.show(status(100));
    expect(lines).toHaveLength(1);
    time = 1_000;
    progress.show(status(500));
    time = 1_200;
    progress.show(status(1_000));
    progress.end();
    expect(lines).toHaveLength(3);
    expect(lines.at(-1)).toContain("study: 100 % of steps, 4/7 trials, 1 diverged");
  });
});

it("says that a study is paused in place of the time left", () => {
  const lines: string[] = [];
  const stream = { isTTY: false, write: (text: string) => lines.push(text) } as unknown as NodeJS.WriteStream;
  createProgress({ stream, now: () => 0 }).show({ ...status(0), state: "paused" });
  expect(lines).toEqual(["study: 0 % of steps, 4/7 trials, 1 diverged, 0 s so far, paused\n"]);
});

describe("describeTrials", () => {
  it("names what is not zero", () => {
    expect(describeTrials(status(0))).toBe("4/7 trials, 1 diverged");
  });
});
