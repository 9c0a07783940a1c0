import { describe, expect, it } from "vitest";
import { between, winRateRow } from "../test/win-rate-row.js";
import { parameterEffects } from "./parameter-effects.js";

const greedy = { kind: "greedy", patience: 10, factor: 0.5, signal: "train" };
const schedules = [
  { name: "standard", schedule: greedy },
  { name: "hasty", schedule: { ...greedy, patience: 1 } },
  { name: "other signal", schedule: { ...greedy, patience: 2, signal: "evaluation" } },
  { name: "cosine", schedule: { kind: "cosine" } },
];
const question = { x: "patience", y: "factor", baseline: "standard", view: "tuned" } as const;
const row = (challenger: string, logRatio: number) =>
  winRateRow({ challenger, baseline: "standard", view: "tuned", meanLogRatio: between(-9, logRatio, 9) });

describe("parameterEffects", () => {
  it("compares the default with what differs from it in the two parameters alone", () => {
    const rows = [row("hasty", -0.3), row("other signal", 1), row("cosine", 2)];
    expect(parameterEffects(rows, schedules, question)).toEqual([
      { task: "all", x: 10, y: 0.5, isDefault: true, logRatio: 0 },
      { task: "all", x: 1, y: 0.5, isDefault: false, logRatio: -0.3 },
    ]);
  });

  it("finds a parameter inside a warm-up by its path", () => {
    const warmed = schedules.map(({ name, schedule }) => ({ name, schedule: { kind: "warmup", schedule } }));
    const inside = { ...question, x: "schedule.patience", y: "schedule.factor" };
    expect(parameterEffects([row("hasty", -0.3)], warmed, inside).map(({ x }) => x)).toEqual([10, 1]);
  });

  it("leaves out another view, another baseline, and comparisons without a decided pair", () => {
    const rows = [
      { ...row("hasty", 1), view: "fixed" as const },
      { ...row("hasty", 1), baseline: "cosine" },
      winRateRow({ challenger: "hasty", baseline: "standard", view: "tuned" }),
    ];
    expect(parameterEffects(rows, schedules, question)).toEqual([
      { task: "all", x: 10, y: 0.5, isDefault: true, logRatio: 0 },
    ]);
  });

  it.each([
    [{ baseline: "absent" }, 'no schedule is named "absent"'],
    [{ x: "patients" }, "standard has no parameter patients"],
  ])("refuses %o", (wrong, message) => {
    expect(() => parameterEffects([], schedules, { ...question, ...wrong })).toThrow(new RangeError(message));
  });
});
