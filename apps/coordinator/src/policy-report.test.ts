import type { EpisodeSummary, PolicyRow } from "@stride/experiment";
import { initialPolicy } from "@stride/schedules";
import { describe, expect, it } from "vitest";
import { formatTable } from "./output.js";
import { describeDocument, formatPolicy, policyHeadings, policyRow } from "./policy-report.js";

const document = initialPolicy({
  every: 10,
  sees: { gradients: false, bound: false },
  actions: { kind: "discrete", factors: [0.5, 1, 2] },
  range: { lowest: 0.01, highest: 100 },
  hidden: [4],
  critic: true,
  seed: 1,
});

const episodes = (meanReturn: number): EpisodeSummary => ({
  episodes: 8,
  meanReturn,
  divergence: 0.125,
  entropy: 1.0625,
  steps: 800,
  forwardPasses: 810,
  backwardPasses: 800,
  seconds: 2,
});

const row = (version: number, part: Partial<PolicyRow> = {}): PolicyRow => ({
  name: "tuner",
  version,
  parent: version === 0 ? null : version - 1,
  study: "lr-agent",
  algorithm: "ppo",
  sha256: "0a".repeat(32),
  createdAt: new Date("2026-01-02T03:04:05Z"),
  training: episodes(version),
  validation: null,
  statistics: version === 0 ? {} : { clipFraction: 0.25, unheardOf: 7 },
  ...part,
});

describe("a listing of policies", () => {
  it("shows where each comes from and how it fared, and a dash where it did not act", () => {
    const rows = [row(0), row(1, { training: null, validation: episodes(2.5) })];
    const [heading, first, second] = formatTable(rows.map(policyRow), policyHeadings)
      .split("\n")
      .map((line) => line.trim().split(/ {2,}/));
    expect(heading).toEqual(
      "name,version,parent,study,algorithm,return in training,diverged in training %,entropy,return in validation,diverged in validation %,created".split(
        ",",
      ),
    );
    expect(first).toEqual("tuner,0,–,lr-agent,ppo,0,12.5,1.063,–,–,2026-01-02 03:04".split(","));
    expect(second).toEqual("tuner,1,0,lr-agent,ppo,–,–,–,2.5,12.5,2026-01-02 03:04".split(","));
  });
});

describe("a policy's page", () => {
  const versions = [row(0), row(1), row(2, { validation: episodes(3) })];
  const page = formatPolicy({ row: versions[2] as PolicyRow, document, versions });

  it("says where it comes from and what it does: 9 · 4 + 4 + 4 · 3 + 3 = 55 numbers", () => {
    expect(page).toContain("tuner@2: learned by ppo from tuner@1, in the study lr-agent, 2026-01-02 03:04");
    expect(page).toContain("0a".repeat(32));
    expect(describeDocument(document)).toEqual([
      "After every 10 steps it multiplies the rate by one of 0.5, 1, 2, within 0.01 to 100 of the base rate: the likeliest action.",
      "Sees 9 features, normalised over 0 decisions.",
      "Actor 9 → 4 → 3, 55 numbers; critic 9 → 4 → 1, 45 numbers.",
    ]);
    expect(page).toMatch(/^ *noise +logarithm of the deviation/m);
    expect(page).not.toContain("gradientNoise");
  });

  it("explains its statistics, and shows those that it does not know", () => {
    expect(page).toMatch(/^ *clipFraction +0\.25 +share of decisions/m);
    expect(page).toMatch(/^ *unheardOf +7\s*$/m);
  });

  it("plots the return by version where there are at least two", () => {
    expect(page).toContain("Return in training, 3 versions from 0 to 2\n2.00 │  █");
    expect(page).not.toContain("Return in validation");
  });

  it("says of version 0 that learning began with it", () => {
    const first = formatPolicy({ row: row(0), document, versions: [row(0)] });
    expect(first).toContain("tuner@0: what learning began with, in the study lr-agent");
    expect(first).not.toContain("meaning\n");
  });
});
