import { readFileSync } from "node:fs";
import { parseAgentSweep } from "@stride/experiment";
import { expect, it } from "vitest";
import { formatAgentPlan, planAgent } from "./agent-plan.js";

const file = "rl-smoke.yaml";
const smoke = readFileSync(new URL(`../../../sweeps/${file}`, import.meta.url), "utf8");

it("tells what learning and the comparison after it would take", async () => {
  const sweep = parseAgentSweep(smoke, { file });
  const plan = await planAgent(sweep, { file });
  // 3 × 2 × 4 in training, versions 0 and 3 twice on one task; two schedules, two rates and four seeds.
  expect(plan).toMatchObject({
    study: "rl-smoke",
    policy: "rl-smoke",
    iterations: 3,
    episodes: 24 + 4,
    steps: 28 * 60,
    comparison: { study: "rl-smoke-comparison", trials: 2 * 2 * 4, steps: 16 * 60 },
    warnings: [],
  });
  const [first, second, ...tasks] = formatAgentPlan(plan, sweep).split("\n");
  expect(first).toMatch(/^study rl-smoke: 3 iterations to learn rl-smoke, 28 episodes, 1,?680 steps, about /);
  expect(second).toMatch(/^then study rl-smoke-comparison: 16 trials in \d+ cohorts, 960 steps, about /);
  expect(tasks.filter((line) => line.includes("quadratic-"))).toHaveLength(3 + 1 + 1);
});

it("plans no comparison where there is none", async () => {
  const sweep = parseAgentSweep(smoke.slice(0, smoke.indexOf("comparison:")), { file });
  const plan = await planAgent(sweep, { file });
  expect(plan.comparison).toBeNull();
  expect(formatAgentPlan(plan, sweep)).not.toContain("then study");
});
