import { describe, expect, it } from "vitest";
import { coloursOf, spokenMarks, textsOf } from "../test/marks-of.js";
import { between, winRateRow } from "../test/win-rate-row.js";
import { boundChart } from "./bound-chart.js";
import { curveBands, type SeedCurve } from "./curve-bands.js";
import { learningCurveChart } from "./learning-curve-chart.js";
import { parameterEffectChart } from "./parameter-effect-chart.js";
import { rateChart } from "./rate-chart.js";
import { rateSensitivityChart } from "./rate-sensitivity-chart.js";
import { scheduleMarks } from "./schedule-marks.js";
import { winRateChart } from "./win-rate-chart.js";

const marks = scheduleMarks(["constant", "greedy"], "constant");
const curve = (schedule: string, seed: number, values: readonly (number | null)[], panel = "mlp"): SeedCurve => ({
  panel,
  schedule,
  seed,
  points: values.map((value, step) => ({ step, value })),
});

describe("winRateChart", () => {
  const rows = [
    winRateRow({ task: "mlp", winRate: between(0.4, 0.625, 0.8), equalOrBetter: between(0.6, 0.75, 1) }),
    winRateRow({ winRate: between(0.1, 0.25, 0.3), equalOrBetter: between(0.1, 0.3, 0.5) }),
    winRateRow({ challenger: "undecided" }),
  ];
  const options = { baseline: "constant", confidence: 0.9, margin: 0.02 };

  it("shows both rates of every decided comparison, all tasks first", async () => {
    const svg = await winRateChart(rows, options);
    const texts = textsOf(svg);
    expect(texts).toContain("Win rates against constant");
    expect(texts.indexOf("all tasks")).toBeLessThan(texts.indexOf("mlp"));
    expect(texts.join(" ")).toContain("90 % intervals");
    expect(texts).not.toContain("undecided");
    expect(texts.some((text) => text.startsWith("Tuned"))).toBe(false);
    const points = spokenMarks(svg).filter((spoken) => spoken.startsWith("value: "));
    expect(points.map((spoken) => spoken.replace(/; challenger.*measure/, ""))).toEqual([
      "value: 30%: equal or better",
      "value: 25%: win rate (a tie is half)",
      "value: 75%: equal or better",
      "value: 63%: win rate (a tie is half)",
    ]);
  });

  it("has a column a view", async () => {
    const tuned = rows.map((row) => ({ ...row, view: "tuned" as const }));
    const texts = textsOf(await winRateChart([...rows, ...tuned], options));
    expect(texts.filter((text) => text === "all tasks")).toHaveLength(2);
  });

  it("is the same to the byte every time", async () => {
    expect(await winRateChart(rows, options)).toBe(await winRateChart(rows, options));
  });
});

describe("learningCurveChart", () => {
  it("draws a panel a task and a line a schedule, in the schedule's colour", async () => {
    const curves = [
      curve("constant", 0, [4, 2, 1]),
      curve("greedy", 0, [4, 1, 0.5]),
      curve("greedy", 0, [1, 1], "nmf"),
    ];
    const svg = await learningCurveChart(curveBands(curves, { points: 60, missing: "infinite" }), { marks });
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["mlp", "nmf", "constant", "greedy", "held-out loss"]));
    expect([...coloursOf(svg)]).toEqual(expect.arrayContaining(marks.map(({ colour }) => colour)));
    expect(svg.match(/aria-roledescription="line mark"/g)).toHaveLength(3);
  });

  it("marks where half the seeds have diverged, and no other end", async () => {
    const curves = [curve("greedy", 0, [4, 2, null]), curve("greedy", 1, [4, 1]), curve("constant", 0, [4, 3, 2])];
    const svg = await learningCurveChart(curveBands(curves, { points: 60, missing: "infinite" }), { marks });
    const points = svg.match(/<path aria-label="[^"]*"[^>]*aria-roledescription="point"/g) ?? [];
    expect(points.map((point) => /step: (\d+)/.exec(point)?.[1])).toEqual(["1"]);
  });

  it("survives a schedule of which every seed diverged, and a loss of 0", async () => {
    const curves = [curve("greedy", 0, [4, null, null]), curve("constant", 0, [4, 0, 0])];
    const svg = await learningCurveChart(curveBands(curves, { points: 60, missing: "infinite" }), { marks });
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(textsOf(svg)).toContain("0");
  });
});

describe("rateChart", () => {
  it("shows rates that are 0 and negative, as additive hypergradients may have them", async () => {
    const svg = await rateChart([curve("greedy", 0, [0.1, 0, -0.01]), curve("greedy", 1, [0.1, 0.2, 0.3])], { marks });
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["0", "−0.01", "0.1"]));
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it("draws seeds that coincide once, and others each", async () => {
    const lines = async (seeds: readonly SeedCurve[]) =>
      (await rateChart(seeds, { marks })).match(/opacity="0.35"/g)?.length;
    expect(await lines([curve("constant", 0, [1, 1]), curve("constant", 1, [1, 1])])).toBe(1);
    expect(await lines([curve("greedy", 0, [1, 2]), curve("greedy", 1, [1, 3])])).toBe(2);
  });
});

describe("boundChart", () => {
  const lines = (svg: string) => svg.match(/aria-roledescription="line mark"/g)?.length ?? 0;

  it("draws a line a schedule that has a bound, and a rule where the rate is the bound", async () => {
    const svg = await boundChart([curve("greedy", 0, [0.25, 0.5, 0.9]), curve("greedy", 1, [0.25, 0.7, 1])], { marks });
    expect(lines(svg)).toBe(1);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["mlp", "greedy", "rate ÷ bound", "1"]));
    expect(textsOf(svg)).not.toContain("constant");
    expect(spokenMarks(svg).filter((spoken) => spoken.startsWith("rate ÷ bound: 1"))).not.toEqual([]);
  });

  it("draws far ratios at the ends, and leaves out steps without a finite bound", async () => {
    const svg = await boundChart([curve("greedy", 0, [1e9, null, 0, 0.5])], { marks });
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["0.001", "1,000"]));
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});

describe("rateSensitivityChart", () => {
  const point = { panel: "mlp", schedule: "greedy", trials: 8 };

  it("says above the panel how many trials diverged, where some did", async () => {
    const points = [
      { ...point, learningRate: 0.1, median: 0.5, diverged: 0 },
      { ...point, learningRate: 1, median: 0.7, diverged: 3 },
      { ...point, learningRate: 10, median: null, diverged: 8 },
    ];
    const texts = textsOf(await rateSensitivityChart(points, { marks }));
    expect(texts.filter((text) => text.endsWith("/8"))).toEqual(["3/8", "8/8"]);
    expect(texts).toEqual(expect.arrayContaining(["0.1", "1", "10"]));
  });

  it("says so when a loss lies too far above the others to be drawn", async () => {
    const losses = (last: number) =>
      [1, 1, last].map((median, place) => ({ ...point, learningRate: 10 ** place, median, diverged: 0 }));
    const saying = async (last: number) => textsOf(await rateSensitivityChart(losses(last), { marks })).join(" ");
    expect(await saying(1e5)).not.toContain("upper end");
    expect(await saying(1e30)).toContain("upper end");
  });

  it("survives a task on which everything diverged", async () => {
    const svg = await rateSensitivityChart([{ ...point, learningRate: 1, median: null, diverged: 8 }], { marks });
    expect(textsOf(svg)).toContain("8/8");
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});

describe("parameterEffectChart", () => {
  it("says in every cell how the loss changes against the default", async () => {
    const effects = [
      { task: "all", x: 10, y: 0.5, isDefault: true, logRatio: 0 },
      { task: "all", x: 1, y: 0.5, isDefault: false, logRatio: Math.log(0.968) },
      { task: "all", x: 10, y: 0.9, isDefault: false, logRatio: Math.log(1.25) },
      { task: "all", x: 1, y: 0.9, isDefault: false, logRatio: Math.log(730) },
    ];
    const options = { x: "patience", y: "factor", baseline: "greedy" };
    const texts = textsOf(await parameterEffectChart(effects, options));
    expect(texts).toEqual(
      expect.arrayContaining(["all tasks", "patience", "factor", "default", "−3.2 %", "+25 %", "× 730"]),
    );
  });
});
