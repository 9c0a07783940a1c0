import type { AgentProgress, EpisodeSummary, PolicyRow, StudyStatus } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { type AgentStatus, createAgentProgress, describeAgent } from "./agent-progress.js";

const summary: EpisodeSummary = {
  episodes: 10,
  meanReturn: 1.234,
  divergence: 0.1,
  entropy: 1.5,
  steps: 100,
  forwardPasses: 1,
  backwardPasses: 1,
  seconds: 1,
};
const policy = (version: number, given: Partial<PolicyRow>): PolicyRow => ({
  name: "agent",
  version,
  parent: null,
  study: "study",
  algorithm: "ppo",
  sha256: "",
  createdAt: new Date(0),
  training: null,
  validation: null,
  statistics: {},
  ...given,
});
const status = (agent: Partial<AgentProgress>, policies: readonly PolicyRow[] = []): AgentStatus => ({
  study: { name: "study" } as StudyStatus,
  agent: { policyName: "agent", iterations: 10, iteration: 0, done: false, episodes: 0, best: null, ...agent },
  policies,
});

describe("an agent's progress in words", () => {
  it("has return, validation, divergence, entropy and pace of the newest versions that have any", () => {
    const policies = [
      policy(0, { training: summary, validation: { ...summary, meanReturn: 2 } }),
      policy(1, { training: { ...summary, meanReturn: 1.5 } }),
      policy(2, {}),
    ];
    expect(describeAgent(status({ iteration: 2 }, policies), 12.34)).toBe(
      "iteration 2/10, return 1.50 (validation 2.00 at version 0), 10.0 % diverged, entropy 1.50, 12.3 episodes/s",
    );
  });

  it("says only where it is while nothing was lived", () => {
    expect(describeAgent(status({}), 0)).toBe("iteration 0/10");
  });
});

it("shows iterations, their pace and the time left on plain lines", () => {
  const lines: string[] = [];
  let time = 0;
  const stream = { write: (line: string) => lines.push(line) } as unknown as NodeJS.WriteStream;
  const progress = createAgentProgress({ stream, now: () => time, plainEveryMs: 0 });
  progress.show(status({}));
  time = 10_000;
  progress.show(status({ iteration: 5, episodes: 100 }));
  expect(lines).toEqual([
    "study: 0 % of iterations, iteration 0/10, 0 s so far, estimating\n",
    // 100 episodes in 10 s, and as many to come.
    "study: 50 % of iterations, iteration 5/10, 10.0 episodes/s, 10 s so far, 10 s left\n",
  ]);
});

it("says that a study is paused in place of the time left", () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) } as unknown as NodeJS.WriteStream;
  const progress = createAgentProgress({ stream, now: () => 0, plainEveryMs: 0 });
  progress.show({ ...status({}), study: { name: "study", state: "paused" } as StudyStatus });
  expect(lines).toEqual(["study: 0 % of iterations, iteration 0/10, 0 s so far, paused\n"]);
});
