import { describe, expect, it } from "vitest";
import { spokenMarks, textsOf } from "../test/marks-of.js";
import { returnChart, type VersionReturn } from "./return-chart.js";

const versions: VersionReturn[] = [
  {
    version: 0,
    training: { meanReturn: 0.5, divergence: 0.25, entropy: 1.609 },
    validation: { meanReturn: 0.75, divergence: 0, entropy: 0 },
  },
  { version: 1, training: { meanReturn: 1.5, divergence: 0.125, entropy: 1.2 }, validation: null },
  { version: 2, training: null, validation: { meanReturn: 2.25, divergence: 0, entropy: 0 } },
];

/** What is told of the points alone. */
const pointsOf = (svg: string) =>
  (svg.match(/<path aria-label="[^"]*"[^>]*aria-roledescription="point"/g) ?? []).flatMap(spokenMarks);

describe("returnChart", () => {
  it("has a point for every version and place, and the entropy of training alone", async () => {
    const points = pointsOf(await returnChart(versions, { policy: "tuner", best: 2 }));
    const of = (start: string) => points.filter((spoken) => new RegExp(`; ${start}`).test(`; ${spoken}`));
    expect(of("mean return: ")).toHaveLength(4);
    expect(of("diverged: ")).toHaveLength(4);
    expect(of("entropy, nats: ")).toHaveLength(2);
    expect(points.some((spoken) => /mean return: 2.25/.test(spoken) && /in validation/.test(spoken))).toBe(true);
    expect(points.some((spoken) => /mean return: 1.5/.test(spoken) && /in training/.test(spoken))).toBe(true);
  });

  it("says whose versions they are and which is the best, marked in every panel", async () => {
    const svg = await returnChart(versions, { policy: "tuner", best: 2 });
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining([
        "Return by version of tuner",
        "mean return",
        "diverged",
        "entropy, nats",
        "version",
        "in training",
        "in validation",
      ]),
    );
    expect(textsOf(svg).join(" ")).toContain("dashed rule: version 2");
    expect(svg.match(/aria-roledescription="rule mark"/g)).toHaveLength(3);
    expect(await returnChart(versions, { policy: "tuner" })).not.toContain('aria-roledescription="rule mark"');
  });

  it("survives a floor, which has one version in training, and an episode without a decision", async () => {
    const floor = [{ version: 0, training: { meanReturn: -5, divergence: 1, entropy: null }, validation: null }];
    const svg = await returnChart(floor, { policy: "floor" });
    expect(pointsOf(svg)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it("has axes with an extent where nothing diverged and nothing was drawn, and room for entropies below 0", async () => {
    const acting = (entropy: number) => [
      { version: 0, training: { meanReturn: 1, divergence: 0, entropy }, validation: null },
      { version: 1, training: { meanReturn: 2, divergence: 0, entropy }, validation: null },
    ];
    const texts = async (entropy: number) => textsOf(await returnChart(acting(entropy), { policy: "floor" }));
    expect(await texts(0)).toEqual(expect.arrayContaining(["0%", "10%", "0.1"]));
    expect(await texts(-1.5)).toContain("−1.5");
  });

  it("is the same to the byte every time", async () => {
    const draw = () => returnChart(versions, { policy: "tuner", best: 2 });
    expect(await draw()).toBe(await draw());
  });
});
