import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSweep } from "./sweep.js";

const minimal = `
study: smallest
tasks: [{ kind: quadratic }]
schedules: [{ kind: cosine }, { name: slow, kind: step, every: 10 }]
learningRates: [0.1, 1e-3]
seeds: { tuning: 0, report: 2 }
steps: 50
`;

describe("parseSweep", () => {
  it("reads the file of the documentation", () => {
    const sweep = parseSweep(`
study: greedy-vs-cosine
tasks:
  - { kind: nmf, data: mnist, rank: 16, batch: 64 }
  - { kind: mlp, data: mnist, hidden: [128], batch: 128 }
optimizers: [{ kind: sgd, momentum: 0.9 }]
schedules:
  - { name: greedy, kind: greedy, patience: 10, factor: 0.95 }
  - { name: cosine, kind: cosine }
learningRates: { logGrid: { from: 1e-3, to: 1, points: 7 } }   # the same grid for every schedule: equal tuning budget
seeds: { tuning: 3, report: 10 }
steps: 2000
evaluate: { every: 100 }
noise: none
analysis: { metric: finalEvaluationLoss, margin: 0.01, baseline: cosine }
`);
    expect(sweep).toMatchObject({
      study: "greedy-vs-cosine",
      tasks: [
        { kind: "nmf", data: "mnist", rank: 16, batch: 64, rows: 1024 },
        { kind: "mlp", data: "mnist", hidden: [128], batch: 128 },
      ],
      optimizers: [{ kind: "sgd", momentum: 0.9, nesterov: false }],
      schedules: [
        { name: "greedy", schedule: { kind: "greedy", variant: "transformers", patience: 10 } },
        { name: "cosine", schedule: { kind: "cosine" } },
      ],
      learningRates: [0.001, 0.00316227766017, 0.01, 0.0316227766017, 0.1, 0.316227766017, 1],
      seeds: { tuning: 3, report: 10 },
      steps: 2000,
      evaluate: { every: 100 },
      noise: "none",
      analysis: { metric: "finalEvaluationLoss", margin: 0.01, baseline: "cosine", confidence: 0.95, seed: 0 },
    });
  });

  it("fills in what is left out", () => {
    expect(parseSweep(minimal)).toMatchObject({
      optimizers: [{ kind: "sgd", momentum: 0.9 }],
      schedules: [{ name: "cosine" }, { name: "slow" }],
      learningRates: [0.1, 0.001],
      evaluate: { every: 3 },
      noise: "none",
      analysis: { metric: "finalEvaluationLoss", margin: 0.01, baseline: "cosine", confidence: 0.95, seed: 0 },
    });
  });

  it("is plain JSON", () => {
    const sweep = parseSweep(minimal);
    expect(JSON.parse(JSON.stringify(sweep))).toEqual(sweep);
  });

  it.each([
    { what: "a byte order mark", text: `\uFEFF${minimal.trim()}` },
    { what: "Windows line ends", text: minimal.replaceAll("\n", "\r\n") },
    { what: "a document's marks", text: `%YAML 1.2\n---\n${minimal}...\n` },
    { what: "JSON", text: JSON.stringify(asJson()) },
  ])("reads $what", ({ text }) => {
    expect(parseSweep(text)).toEqual(parseSweep(minimal));
  });

  it("gives the same sweep whatever the order of the keys", () => {
    const entries = Object.entries(asJson());
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
        expect(parseSweep(JSON.stringify(Object.fromEntries(shuffled)))).toEqual(parseSweep(minimal));
      }),
    );
  });

  it("keeps a schedule's inner schedule apart from its name", () => {
    const text = minimal.replace(
      "{ kind: cosine }",
      "{ name: ramped, kind: warmup, steps: 5, schedule: { kind: cosine } }",
    );
    expect(parseSweep(text).schedules[0]).toMatchObject({
      name: "ramped",
      schedule: { kind: "warmup", steps: 5, schedule: { kind: "cosine" } },
    });
  });
});

function asJson() {
  return {
    study: "smallest",
    tasks: [{ kind: "quadratic" }],
    schedules: [{ kind: "cosine" }, { every: 10, kind: "step", name: "slow" }],
    learningRates: [0.1, 0.001],
    seeds: { report: 2, tuning: 0 },
    steps: 50,
  };
}
