import { readdirSync, readFileSync } from "node:fs";
import { controlKinds } from "@stride/experiment";
import { gradientRuleKinds, optimizerKinds } from "@stride/optimizers/spec";
import { scheduleKinds } from "@stride/schedules/spec";
import { taskKinds } from "@stride/tasks/spec";
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

it("every-rule.yaml has every task and everything that sets a rate, but for users' modules and policies, together where they fit", async () => {
  const source = readFileSync(new URL("every-rule.yaml", folder), "utf8");
  const { trials } = await planStudy({ source, file: "every-rule.yaml" }, async () => new Set());
  const kindsOf = (kinds: readonly { readonly kind: string }[]) =>
    [...new Set(kinds.map(({ kind }) => kind))].filter((kind) => kind !== "module" && kind !== "policy").sort();
  expect(kindsOf(trials.map(({ task }) => task))).toEqual(kindsOf(taskKinds));
  expect(kindsOf(trials.map(({ schedule }) => schedule))).toEqual(
    kindsOf([...scheduleKinds, ...gradientRuleKinds, ...controlKinds]),
  );
  for (const { kind } of taskKinds.filter((each) => each.kind !== "module")) {
    const onTask = trials.filter(({ task }) => task.kind === kind);
    expect(kindsOf(onTask.map(({ schedule }) => schedule))).toEqual(kindsOf(trials.map(({ schedule }) => schedule)));
    expect(kindsOf(onTask.map(({ optimizer }) => optimizer))).toEqual(
      kindsOf(optimizerKinds.filter((each) => each.kind !== "adamw")),
    );
  }
});
