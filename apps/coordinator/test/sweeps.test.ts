import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  comparisonSource,
  controlKinds,
  isAgentSweep,
  iterationWork,
  parseAgentSweep,
  placeholderPolicy,
} from "@stride/experiment";
import { gradientRuleKinds, optimizerKinds } from "@stride/optimizers/spec";
import { scheduleKinds } from "@stride/schedules/spec";
import { taskKinds } from "@stride/tasks/spec";
import { describe, expect, it } from "vitest";
import { readSubmission } from "../src/read-submission.js";
import { planStudy } from "../src/study-plan.js";

const folder = new URL("../../../sweeps/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));

const textOf = (file: string) => readFileSync(new URL(file, folder), "utf8");
const [agents, sweeps] = [true, false].map((wanted) => files.filter((file) => isAgentSweep(textOf(file)) === wanted));

describe("the ready sweeps", () => {
  it.each(sweeps as string[])("%s can be planned, is named after its file, and warns of nothing", async (file) => {
    const submission = await readSubmission(fileURLToPath(new URL(file, folder)), { allowModules: false });
    const plan = await planStudy(submission, async () => new Set());
    expect(plan.sweep.study).toBe(file.replace(".yaml", ""));
    expect(plan.cohorts.flatMap(({ trials }) => trials)).toHaveLength(plan.trials.length);
    // Distilled rules stand as they were printed: with limits that are their point, and thresholds relative to losses above 0.
    expect(plan.warnings.filter((warning) => !warning.startsWith("schedule distilled"))).toEqual([]);
    expect(plan.sweep.seeds.tuning).toBeGreaterThan(0);
  });

  it.each(agents as string[])(
    "%s can be learned from, is named after its file, and compares what it learned",
    async (file) => {
      const sweep = parseAgentSweep(textOf(file), { file });
      expect(sweep.study).toBe(file.replace(".yaml", ""));
      const { batches } = iterationWork(sweep, sweep.iterations, { policy: placeholderPolicy });
      expect(batches.map(({ task }) => task)).toEqual(sweep.tasks.validation);
      const learned = `${sweep.policy}@0`;
      const submission = {
        source: comparisonSource(sweep, 0) as string,
        file,
        modules: { sources: { [learned]: placeholderPolicy }, costs: {} },
      };
      const plan = await planStudy(submission, async () => new Set());
      expect(plan.warnings).toEqual([]);
      expect(plan.sweep.seeds.tuning).toBeGreaterThan(0);
      // A comparison may be on tasks of its own; on none that was trained on.
      if (sweep.comparison?.tasks === undefined) expect(plan.sweep.tasks).toEqual(sweep.tasks.test);
      for (const task of sweep.tasks.train) expect(plan.sweep.tasks).not.toContainEqual(task);
      expect(plan.sweep.schedules.map(({ schedule }) => "policy" in schedule && schedule.policy)).toContain(learned);
    },
  );
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
