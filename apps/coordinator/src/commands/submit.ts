import { type Cohort, estimate, isAgentSweep, parseAgentSweep, type Submission } from "@stride/experiment";
import { type TaskSpec, taskLabel } from "@stride/tasks/spec";
import type { Command } from "commander";
import { formatAgentPlan, planAgent } from "../agent-plan.js";
import { openLaboratory } from "../connection.js";
import type { Context } from "../context.js";
import { formatNumber, formatTable } from "../output.js";
import { readSubmission } from "../read-submission.js";
import { planStudy } from "../study-plan.js";
import { submitTraced } from "../submission-trace.js";
import { type SubmittedComparison, submitComparison } from "../submit-comparison.js";
import { describeSubmitted } from "../submitted-text.js";
import { exitCodeOfStudy, watchStudy } from "../watch-study.js";

/** `stride plan SWEEP`: what would run. */
export function addPlan(program: Command, context: Context): void {
  program
    .command("plan")
    .description("show what a sweep would run: trials, cohorts, cost; runs nothing")
    .argument("<sweep>", "the sweep file")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  $ stride plan sweeps/quickstart.yaml")
    .action(async (file: string, options: { json?: true }) => {
      const submission = await readSubmission(file, context.settings());
      if (isAgentSweep(submission.source)) {
        await printAgentPlan(submission, options);
        return;
      }
      const plan = await planStudy(submission, async () => new Set());
      const cost = estimate(plan.cohorts);
      if (options.json) {
        const { study } = plan.sweep;
        console.log(JSON.stringify({ study, ...cost, warnings: plan.warnings }, null, 2));
        return;
      }
      const groups = new Map<string, Cohort[]>();
      for (const cohort of plan.cohorts) {
        const key = JSON.stringify([cohort.trials[0]?.task, cohort.trials[0]?.optimizer]);
        groups.set(key, [...(groups.get(key) ?? []), cohort]);
      }
      console.log(
        `study ${plan.sweep.study}: ${cost.trials} trials in ${cost.cohorts} cohorts, ${formatNumber(cost.steps)} steps, about ${formatNumber(cost.operations)} operations`,
      );
      console.log(
        formatTable(
          [...groups.values()].map((cohorts) => {
            const group = estimate(cohorts);
            const first = cohorts[0]?.trials[0];
            return {
              task: first === undefined ? "" : describeTask(first.task),
              optimizer: first === undefined ? "" : describeKind(first.optimizer),
              trials: group.trials,
              cohorts: group.cohorts,
              steps: group.steps,
              operations: group.operations,
            };
          }),
        ),
      );
      for (const warning of plan.warnings) console.error(`note: ${warning}`);
    });
}

async function printAgentPlan(submission: Submission, { json }: { readonly json?: true }): Promise<void> {
  const sweep = parseAgentSweep(submission.source, submission);
  const plan = await planAgent(sweep, submission);
  console.log(json ? JSON.stringify(plan, null, 2) : formatAgentPlan(plan, sweep));
  if (!json) for (const warning of plan.warnings) console.error(`note: ${warning}`);
}

/** A module's is its label: its hash and its cost are no options. */
function describeTask(task: TaskSpec): string {
  return task.kind === "module" ? taskLabel(task) : describeKind(task);
}

function describeKind(spec: { readonly kind: string }): string {
  const { kind, ...rest } = spec;
  const options = Object.entries(rest).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join("-") : value}`,
  );
  return [kind, ...options].join(" ");
}

/** `stride submit SWEEP`: stores a study; the coordinator runs it. */
export function addSubmit(program: Command, context: Context): void {
  program
    .command("submit")
    .description("submit a sweep and print the study's name; known trials are not run again")
    .argument("<sweep>", "the sweep file")
    .option("--watch", "follow it until it is over")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  $ stride submit sweeps/smoke.yaml --watch\n\nA coordinator must run for it to be trained: stride up",
    )
    .action(async (file: string, options: { watch?: true; json?: true }) => {
      // Parsed and checked here first, so that a bad file needs no coordinator to be told.
      const submission = await readSubmission(file, context.settings());
      await using opened = await openLaboratory(context.settings(), { create: true });
      const { laboratory } = opened;
      const tell = ({ submission, submitted }: SubmittedComparison): void => {
        for (const warning of submitted.warnings) console.error(`note: ${warning}`);
        if (options.json) return;
        console.error(describeSubmitted(submission, submitted));
        console.log(submitted.study);
      };
      const watch = (studyName: string) =>
        watchStudy({ laboratory, studyName, stream: process.stderr, signal: context.signal });

      const submitted = await submitTraced(laboratory, submission);
      tell({ submission, submitted });
      if (options.json) console.log(JSON.stringify(submitted, null, 2));
      const study = options.watch ? await watch(submitted.study) : undefined;
      if (study !== undefined) context.exit(exitCodeOfStudy(study, context.signal));
      if (context.signal.aborted) return;
      // What an agent has learned by now is compared; while it learns there is nothing to compare yet.
      const comparison = await submitComparison(laboratory, submission);
      if (comparison === undefined) return;
      tell(comparison);
      if (options.watch) context.exit(exitCodeOfStudy(await watch(comparison.submitted.study), context.signal));
    });
}
