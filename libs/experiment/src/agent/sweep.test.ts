import { taskLabel } from "@stride/tasks/spec";
import { describe, expect, it } from "vitest";
import { InvalidSweepFile } from "../errors.js";
import { comparisonSource } from "./comparison.js";
import { agentEstimate } from "./estimate.js";
import { isAgentSweep, parseAgentSweep } from "./sweep.js";

const file = (change: (text: string) => string = (text) => text) =>
  change(`study: rl
agent:
  algorithm: { kind: ppo }
  iterations: 4
  episodes: { batches: 2, each: 3 }
  validate: { every: 2, each: 2 }
  decide: { every: 10 }
family:
  task: { kind: nmf, data: synthetic, rank: { oneOf: [2, 3, 4] }, columns: { from: 8, to: 64, whole: true }, rows: 32, batch: 8, evaluationRows: 8 }
  initialRate: { from: 0.01, to: 1 }
  train: 6
  validation: 2
  test: 2
steps: 100
comparison:
  schedules: [{ name: learned, kind: policy, policy: learned }, { kind: step, every: 20 }]
  learningRates: [0.1, 1]
  seeds: { tuning: 1, report: 2 }
  analysis: { baseline: step }
`);

function issuesOf(text: string) {
  try {
    parseAgentSweep(text);
  } catch (error) {
    if (error instanceof InvalidSweepFile)
      return error.issues.map(({ line, path, message }) => `${line} ${path}: ${message}`);
    throw error;
  }
  return [];
}

describe("an agent's sweep file", () => {
  it("is told from an ordinary one by its agent", () => {
    expect(isAgentSweep(file())).toBe(true);
    expect(isAgentSweep("study: x\ntasks: []")).toBe(false);
    expect(isAgentSweep("agent: [")).toBe(false);
  });

  it("has every default filled in", () => {
    const sweep = parseAgentSweep(file());
    expect(sweep).toMatchObject({
      policy: "rl",
      algorithm: { kind: "ppo", epochs: 6, clip: 0.2 },
      environment: {
        steps: 100,
        every: 10,
        actions: { kind: "discrete", factors: [0.5, 0.8, 1, 1.25, 2] },
        range: { lowest: 1e-4, highest: 1e4 },
        sees: { gradients: false, bound: false },
        reward: { signal: "evaluation", divergencePenalty: 5 },
      },
      network: { hidden: [32, 32] },
      optimizer: { kind: "sgd" },
    });
    expect(JSON.parse(JSON.stringify(sweep))).toEqual(sweep);
  });

  it("draws different tasks for training, validation and test, the same ones for the same seed", () => {
    const { tasks } = parseAgentSweep(file());
    const labels = [...tasks.train, ...tasks.validation, ...tasks.test].map(taskLabel);
    expect(labels).toHaveLength(10);
    expect(new Set(labels).size).toBe(10);
    expect(parseAgentSweep(file()).tasks).toEqual(tasks);
    const more = parseAgentSweep(file((text) => text.replace("train: 6", "train: 9")));
    expect(more.tasks.train.slice(0, 6)).toEqual(tasks.train);
    expect(more.tasks.test).toEqual(tasks.test);
    const other = parseAgentSweep(file((text) => text.replace("  iterations: 4", "  iterations: 4\n  seed: 7")));
    expect(other.tasks.train).not.toEqual(tasks.train);
  });

  it("turns its comparison into an ordinary sweep of the learned version on the test tasks", () => {
    const sweep = parseAgentSweep(file());
    const compared = JSON.parse(comparisonSource(sweep, 3) as string);
    expect(compared).toMatchObject({
      study: "rl-comparison",
      steps: 100,
      evaluate: { every: 10 },
      schedules: [{ name: "learned", kind: "policy", policy: "rl@3" }, { kind: "step" }],
    });
    expect(compared.tasks).toEqual(sweep.tasks.test);
    expect(
      comparisonSource(parseAgentSweep(file((text) => text.slice(0, text.indexOf("comparison")))), 3),
    ).toBeUndefined();
  });

  it("is estimated before it runs", () => {
    // 4 × 2 × 3 in training; validation of versions 0, 2 and 4 on two tasks, two each.
    expect(agentEstimate(parseAgentSweep(file()))).toMatchObject({ iterations: 4, episodes: 24 + 12, steps: 3600 });
  });

  it.each([
    ["agent:", "agents:", /^1 agent: is missing/],
    ["kind: ppo", "kind: pop", /^3 agent\.algorithm\.kind: must be .*ppo.*, got "pop" \(did you mean ppo\?\)$/],
    [
      "steps: 100",
      "steps: 95",
      /^14 steps: must be a multiple of agent\.decide\.every, which is 10, and at least twice it, got 95$/,
    ],
    ["{ oneOf: [2, 3, 4] }", "{ oneOf: [] }", /^9 family\.task\.rank: must be a range/],
    ["rank: { oneOf: [2, 3, 4] }", "rank: 0", /^9 family\.task\.rank: gives no task/],
    ["{ from: 8, to: 64, whole: true }", "8", /^9 family\.task: must have more different tasks: 200 draws/],
    ["steps: 100", "steps: 100\noptimizer: { kind: adam }\n", undefined],
    ["kind: ppo", "kind: double-dqn", undefined],
    ["{ every: 10 }", "{ every: 10, actions: { kind: continuous } }", undefined],
    ["{ from: 0.01, to: 1 }", "{ from: 1, to: 0.1 }", /^10 family\.initialRate\.to: must not be below from/],
    [
      "kind: step, every: 20",
      "kind: stop, every: 20",
      /^16 comparison\.schedules\[1\]\.kind: must be .*did you mean step/,
    ],
    ["policy: learned }", "policy: ./mine.json }", /^16 comparison\.schedules\[0\]\.policy: must not name files/],
    ["baseline: step", "baseline: cosine", /^19 comparison\.analysis\.baseline: must be the name of a schedule/],
  ])("with %s as %s is refused, or taken, at its place", (from, to, message) => {
    const issues = issuesOf(file((text) => text.replace(from, to)));
    if (message === undefined) expect(issues).toEqual([]);
    else expect(issues[0]).toMatch(message);
  });

  it("refuses what its algorithm cannot do", () => {
    const continuous = "{ every: 10, actions: { kind: continuous } }";
    const of = (algorithm: string, decide = "{ every: 10 }") =>
      issuesOf(file((text) => text.replace("kind: ppo", `kind: ${algorithm}`).replace("{ every: 10 }", decide)));
    expect(of("double-dqn", continuous)[0]).toMatch(/^7 agent\.decide\.actions: must be discrete for double-dqn/);
    expect(of("best-constant")).toEqual([
      expect.stringMatching(/^4 agent\.iterations: must be 1 for best-constant/),
      expect.stringMatching(/^5 agent\.episodes\.each: must be a multiple of the 5 actions/),
    ]);
  });

  it("refuses a stability bound where there is none", () => {
    const clipped = (text: string) => text.replace("  iterations: 4", "  iterations: 4\n  clip: stability");
    expect(issuesOf(file(clipped))).toEqual([]);
    expect(issuesOf(`${file(clipped)}optimizer: { kind: adam }\n`)[0]).toMatch(
      /^\d+ agent: cannot have a stability bound with/,
    );
  });
});
