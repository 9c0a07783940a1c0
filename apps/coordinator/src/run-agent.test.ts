import type { EpisodeSummary, PolicyRow } from "@stride/experiment";
import type { WinRate } from "@stride/statistics";
import { expect, it } from "vitest";
import { formatPolicies, learnedAgainstBaseline } from "./run-agent.js";

const comparison = JSON.stringify({
  study: "rl-comparison",
  tasks: [{ kind: "quadratic" }],
  schedules: [
    { name: "learned", kind: "policy", policy: "agent@4" },
    { kind: "step", every: 10 },
  ],
  learningRates: [0.1],
  seeds: { tuning: 1, report: 2 },
  steps: 100,
  analysis: { baseline: "step" },
});
const row = (view: WinRate["view"], value: number) =>
  ({ view, task: "all", challenger: "learned", winRate: { value, lower: value - 0.1, upper: value } }) as WinRate;

it("says the learned policy's win rate against the baseline, tuned and at fixed rates", () => {
  const winRates = [row("fixed", 0.9), row("tuned", 0.75)];
  expect(learnedAgainstBaseline(winRates, { policy: "agent@4", comparison })).toBe(
    "agent@4 (learned) wins against step in 75.0 % [65.0, 75.0] of the pairs where both are tuned, and in 90.0 % [80.0, 90.0] at fixed rates.",
  );
});

it("lists the versions that were validated, and what all of them cost", () => {
  const summary: EpisodeSummary = {
    episodes: 4,
    meanReturn: 1.5,
    divergence: 0.25,
    entropy: 1.2,
    steps: 400,
    forwardPasses: 500,
    backwardPasses: 400,
    seconds: 2,
  };
  const policy = (version: number, validation: EpisodeSummary | null) =>
    ({ name: "agent", version, training: summary, validation }) as PolicyRow;
  const text = formatPolicies([policy(0, summary), policy(1, null), policy(2, summary)], 2);
  expect(text).toMatch(/agent@0 .*1\.5 .*25/);
  expect(text).not.toContain("agent@1");
  expect(text).toMatch(/agent@2 .*best/);
  // Five summaries: three of training and two of validation.
  expect(text).toContain("Learning took 20 episodes: 2000 steps, 4500 passes, 10 s of training.");
});
