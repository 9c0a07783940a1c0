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
    const named = file((text) => text.replace("  iterations: 4", "  policy: tuner\n  iterations: 4"));
    const controlled = named.replace(
      "{ kind: step,",
      "{ name: replayed, kind: replay, schedule: { kind: policy, policy: learned } }, { kind: step,",
    );
    expect(JSON.parse(comparisonSource(parseAgentSweep(controlled), 0) as string).schedules[1]).toEqual({
      name: "replayed",
      kind: "replay",
      schedule: { kind: "policy", policy: "tuner@0" },
    });
    const alone = file((text) => text.slice(0, text.indexOf("comparison")));
    expect(comparisonSource(parseAgentSweep(alone), 3)).toBeUndefined();
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
    [
      "{ oneOf: [2, 3, 4] }",
      "{ oneOf: [] }",
      /^9 family\.task\.rank\.oneOf: must be a list of 1 to 1000 entries, got a list of 0 entries$/,
    ],
    ["to: 64, whole: true", "to: 4, whole: true", /^9 family\.task\.columns\.to: must be above from, got 4$/],
    ["rank: { oneOf: [2, 3, 4] }", "rank: 0", /^9 family\.task\.rank: must be a whole number from 1 to 1024, got 0$/],
    ["rank: { oneOf: [2, 3, 4] }", "rang: 2", /^9 family\.task\.rang: is no key here: did you mean rank\?$/],
    ["kind: nmf", "kind: module", /^9 family\.task\.kind: must not be module: tasks of your own cannot be drawn$/],
    [
      "  iterations: 4\n",
      "  iterations: 4\n  iteration: 4\n",
      /^5 agent\.iteration: is no key here: did you mean iterations\?$/,
    ],
    ["each: 3", "each: 1000", undefined],
    ["batches: 2, each: 3", "batches: 1000, each: 1000", /^3 agent: must have at most 200000 episodes, got 4000012$/],
    [
      "comparison:\n",
      "comparison:\n  study: other\n",
      /^16 comparison\.study: is no key here: the comparison is the study rl-comparison$/,
    ],
    ["study: rl\n", `study: ${"r".repeat(95)}\n`, /^1 study: must be a name of at most 100/],
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

  it("refuses a family with fewer tasks than it is to give, and takes one with just enough", () => {
    const ofRanks = (ranks: string) =>
      file((text) =>
        text
          .replace("{ from: 8, to: 64, whole: true }", "8")
          .replace("[2, 3, 4]", ranks)
          .replace("train: 6", "train: 2")
          .replace("test: 2", "test: 1"),
      );
    expect(issuesOf(ofRanks("[2, 3, 4, 5]"))).toEqual([
      "9 family.task: must have more different tasks: 200 draws in a row gave none but the 4 there are",
    ]);
    const { train, validation, test } = parseAgentSweep(ofRanks("[2, 3, 4, 5, 6]")).tasks;
    expect([...train, ...validation, ...test].map((task) => "rank" in task && task.rank).sort()).toEqual([
      2, 3, 4, 5, 6,
    ]);
  });

  it("tells everything that is wrong with the agent at once, in the file's order", () => {
    const wrong = file((text) =>
      text
        .replace("steps: 100", "steps: 95")
        .replace("rank: {", "rang: {")
        .replace("ppo }", "random }")
        .replace("every: 10", "every: 10, actions: { kind: continuous }"),
    );
    expect(issuesOf(wrong).map((issue) => issue.split(":")[0])).toEqual([
      "7 agent.decide.actions",
      "9 family.task.rang",
      "14 steps",
    ]);
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
      /^3 agent: cannot have a stability bound with/,
    );
    const quadratics = (text: string) =>
      text.replace(/task: .*/, "task: { kind: quadratic, dimension: { from: 2, to: 99, whole: true } }");
    const seen = (text: string) => text.replace("  iterations: 4", "  iterations: 4\n  sees: { bound: true }");
    expect(issuesOf(file(seen))).toEqual([]);
    expect(issuesOf(file((text) => quadratics(seen(text))))).toEqual([
      "5 agent.sees: cannot have a stability bound on tasks of kind quadratic: nmf alone has one",
    ]);
    expect(
      issuesOf(file((text) => clipped(text).replace("  clip:", "  stability: { fraction: 0.5 }\n  clip:"))),
    ).toEqual([expect.stringMatching(/^6 agent\.clip: must be left out beside stability/)]);
  });
});
