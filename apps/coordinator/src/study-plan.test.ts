import { expect, it } from "vitest";
import { planStudy } from "./study-plan.js";

it("tells of warnings that differ in numbers alone once, with how many there are", async () => {
  const source = JSON.stringify({
    study: "notes",
    tasks: [{ kind: "quadratic" }],
    schedules: [{ kind: "greedy", minLearningRate: 0.5, maxLearningRate: 1 }, { kind: "cosine" }],
    learningRates: [0.1, 0.2, 0.3],
    seeds: { tuning: 0, report: 2 },
    steps: 100,
  });
  const { warnings } = await planStudy({ source, file: "notes" }, async () => new Set());
  expect(warnings.filter((warning) => warning.includes("0.1"))).toHaveLength(1);
  expect(
    warnings.some((warning) =>
      /^schedule greedy: .*0\.1.* \(and 2 more like this, with other numbers\)$/.test(warning),
    ),
  ).toBe(true);
  expect(warnings.some((warning) => warning.startsWith("schedule cosine"))).toBe(false);
});
