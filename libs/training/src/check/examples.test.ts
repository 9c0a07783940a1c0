import { readFileSync } from "node:fs";
import { createExecutor } from "@stride/compile";
import {
  moduleReferences,
  moduleTexts,
  parseSweep,
  planCohorts,
  planTrials,
  type TrainingReport,
  type TrialResult,
  withModules,
} from "@stride/experiment";
import { taskCost } from "@stride/tasks/spec";
import { expect, it } from "vitest";
import { train } from "../train.js";
import { checkScheduleModule } from "./check-schedule-module.js";
import { checkTaskModule } from "./check-task-module.js";

const docs = new URL("../../../../docs/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, docs), "utf8");
const text = read("examples/own-modules.yaml");
const sources = Object.fromEntries(
  moduleReferences(text).map(({ path }) => [path, read(`examples/${path.replace("./", "")}`)]),
);

/** The documentation's sweep as the command line plans it. */
async function plan() {
  const spec = { path: "./two-moons.mjs", options: { width: 8 } };
  const cost = await checkTaskModule({ spec, source: sources[spec.path] as string });
  const modules = { sources, costs: { 0: cost } };
  const sweep = parseSweep(text, { file: "own-modules.yaml", modules });
  const trials = planTrials(sweep);
  const cohorts = planCohorts(sweep.study, trials).map((cohort) => withModules(cohort, moduleTexts(modules)));
  return { sweep, trials, cohorts, cost };
}

it("the documentation shows the examples as they are", () => {
  const page = read("your-own-task.md");
  for (const path of ["two-moons.mjs", "halve-on-rise.mjs", "sawtooth.mjs", "own-modules.yaml"]) {
    expect(page).toContain(`\n${read(`examples/${path}`)}\`\`\``);
  }
});

it("its schedules are accepted", async () => {
  const { sweep } = await plan();
  const checked = sweep.schedules.flatMap(({ schedule }) => (schedule.kind === "module" ? [schedule] : []));
  expect(checked).toHaveLength(2);
  for (const { sha256: _, ...spec } of checked) {
    const source = sources[`./${spec.path}`] as string;
    const { learningRates, steps, evaluate } = sweep;
    await checkScheduleModule({ spec, source, learningRates, steps, evaluateEvery: evaluate.every });
  }
});

it("its trials train, and again to the same results", async () => {
  const { trials, cohorts, cost } = await plan();
  expect(taskCost((trials[0] as (typeof trials)[number]).task)).toEqual(cost);
  expect(trials).toHaveLength(3 * 3 * 6);
  await using executor = await createExecutor("onnx-cpu");
  const trainAll = async () => {
    const results: TrialResult[] = [];
    const reports: TrainingReport[] = [];
    for (const cohort of cohorts) {
      for await (const report of train({ cohort, executor })) {
        reports.push(report);
        results.push(...(report.results ?? []).map((result) => ({ ...result, seconds: 0 })));
      }
    }
    return { results, reports };
  };
  const { results, reports } = await trainAll();
  expect(results.map(({ trialId }) => trialId).sort()).toEqual(trials.map(({ trialId }) => trialId).sort());
  // Chance has a loss of log 2; what the half circles leave after 300 steps at a low rate is well below.
  for (const { outcome, finalEvaluationLoss } of results) {
    expect(outcome).toEqual({ kind: "completed" });
    expect(finalEvaluationLoss).toBeLessThan(0.45);
  }
  const sawtooth = trials.find(({ scheduleName }) => scheduleName === "sawtooth");
  const rates = reports.flatMap(({ chunks }) =>
    chunks.filter(({ trialId }) => trialId === sawtooth?.trialId).flatMap(({ learningRates }) => [...learningRates]),
  );
  // Three teeth of 100 steps.
  expect([0, 50, 99, 100].map((step) => rates[step])).toEqual(
    [1, 0.5, 0.01, 1].map((share) => expect.closeTo(share * (sawtooth?.learningRate as number), 6)),
  );
  expect((await trainAll()).results).toEqual(results);
});
