import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { planStudy } from "../src/study-plan.js";

const folder = new URL("../../../sweeps/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));

describe("the ready sweeps", () => {
  it.each(files)("%s can be planned, is named after its file, and warns of nothing", async (file) => {
    const source = readFileSync(new URL(file, folder), "utf8");
    const plan = await planStudy({ source, file }, async () => new Set());
    expect(plan.sweep.study).toBe(file.replace(".yaml", ""));
    expect(plan.cohorts.flatMap(({ trials }) => trials)).toHaveLength(plan.trials.length);
    expect(plan.warnings).toEqual([]);
    expect(plan.sweep.seeds.tuning).toBeGreaterThan(0);
  });
});
