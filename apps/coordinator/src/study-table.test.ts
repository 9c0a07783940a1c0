import type { AgentProgress, StudyStatus } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { formatStudies, phase, withAgents } from "./study-table.js";
import { exitCodeOfStudy } from "./watch-study.js";

const status = (name: string, unfinishedCohorts = 0): StudyStatus => ({
  name,
  state: "running",
  createdAt: new Date(0),
  trials: { planned: 8, running: 4, completed: 15, diverged: 1, failed: 0, cancelled: 0 },
  stepsPlanned: 2_800,
  stepsDone: 1_600,
  cohorts: 7,
  unfinishedCohorts,
});
const agent = (progress: Partial<AgentProgress> = {}): AgentProgress => ({
  policyName: "tuner",
  iterations: 60,
  iteration: 12,
  done: false,
  episodes: 16,
  best: 10,
  ...progress,
});
const lines = (text: string) => text.split("\n").map((line) => line.trim().split(/\s{2,}/));

describe("formatStudies", () => {
  it("keeps studies of trials and agents' apart", () => {
    const text = formatStudies([{ status: status("plain", 3) }, { status: status("learns", 3), agent: agent() }]);
    expect(lines(text)).toEqual([
      [
        "study",
        "state",
        "trials",
        "planned",
        "running",
        "completed",
        "diverged",
        "failed",
        "cancelled",
        "steps %",
        "created",
      ],
      ["plain", "running", "28", "8", "4", "15", "1", "0", "0", "57", "1970-01-01 00:00"],
      [""],
      [
        "agent's study",
        "state",
        "iterations",
        "episodes",
        "diverged",
        "planned",
        "running",
        "failed",
        "cancelled",
        "best",
        "created",
      ],
      ["learns", "running", "12/60", "16", "1", "8", "4", "0", "0", "tuner@10", "1970-01-01 00:00"],
    ]);
  });

  it("shows one table where there is one kind, and says where there is none", () => {
    expect(lines(formatStudies([{ status: status("learns"), agent: agent({ best: null }) }]))[1]).toContain("–");
    expect(formatStudies([])).toBe("(none)");
  });
});

describe("a study's phase, and what watching it ends with", () => {
  const { signal } = new AbortController();
  it.each([
    { of: "trials that are over", study: { status: status("study") }, expected: "done", code: 0 },
    { of: "trials under way", study: { status: status("study", 1) }, expected: "running", code: 0 },
    {
      of: "an agent that learned",
      study: { status: status("study"), agent: agent({ iteration: 60, done: true }) },
      expected: "done",
      code: 0,
    },
    // An update has no trials that could count as failed.
    {
      of: "an agent whose update failed",
      study: { status: status("study"), agent: agent() },
      expected: "failed",
      code: 1,
    },
    {
      of: "an agent that was cancelled",
      study: { status: { ...status("study"), state: "cancelled" as const }, agent: agent() },
      expected: "cancelled",
      code: 0,
    },
  ])("are $expected and $code of $of", ({ study, expected, code }) => {
    expect(phase(study)).toBe(expected);
    expect(exitCodeOfStudy(study, signal)).toBe(code);
  });

  it("ends with 130 when it was interrupted", () => {
    expect(exitCodeOfStudy({ status: status("study", 1) }, AbortSignal.abort())).toBe(130);
  });
});

it("asks of each study whether an agent is at work in it", async () => {
  const laboratory = { agentProgress: async (name: string) => (name === "learns" ? agent() : undefined) };
  const studies = await withAgents(laboratory, [status("plain"), status("learns")]);
  expect(studies.map((study) => study.agent?.policyName)).toEqual([undefined, "tuner"]);
});
