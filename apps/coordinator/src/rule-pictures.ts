import { isControl, rateSpecSchema } from "@stride/experiment";
import { type GradientRuleSpec, isGradientRule, optimizerSpecSchema, refusal } from "@stride/optimizers/spec";
import { traceSchedule } from "@stride/schedules";
import { decisions, describeSchedule, type ScheduleKind, type ScheduleSpec } from "@stride/schedules/spec";
import { taskLabel, taskSpecSchema } from "@stride/tasks/spec";
import { launchRuleTrace } from "@stride/worker/launch";
import { z } from "zod";
import { lastLineAsJson } from "./last-line.js";
import { plotLine } from "./terminal-plot.js";

/** Steps and base rate of a picture, and the losses that a closed-loop rule sees in it. */
const pictured = { steps: 100, learningRate: 0.1 } as const;
const fallingThenFlat = Array.from({ length: pictured.steps - 1 }, (_, step) => 0.9 ** Math.min(step, 50));

/** How a rule's rate moves, with what was set for it; undefined where its kind alone says nothing about that. */
export async function picture({ kind, example }: Pick<ScheduleKind, "kind" | "example">): Promise<string | undefined> {
  const parsed = rateSpecSchema.safeParse({ kind, ...example });
  if (!parsed.success || isControl(parsed.data)) return undefined;
  return isGradientRule(parsed.data) ? trainedPicture(parsed.data) : tracedPicture(parsed.data);
}

function tracedPicture(spec: ScheduleSpec): string {
  const closed = decisions(spec).kind === "closed-loop";
  const rates = traceSchedule(spec, { ...pictured, ...(closed ? { losses: fallingThenFlat } : {}) });
  const seen = closed ? ", the loss falling for 50 and then flat" : "";
  return `${describeSchedule(spec)}: ${pictured.steps} steps from the base rate ${pictured.learningRate}${seen}\n${plotLine(rates)}`;
}

const tracedSchema = z.object({ learningRates: z.array(z.number()) });
const optimizers = ["sgd", "adam"].map((kind) => optimizerSpecSchema.parse({ kind }));

/** The rates of a training of a small quadratic, with the first optimizer that the rule steers. */
async function trainedPicture(schedule: GradientRuleSpec): Promise<string> {
  const task = taskSpecSchema.parse({ kind: "quadratic" });
  const optimizer = optimizers.find((each) => refusal(schedule, each) === undefined) ?? optimizers[0];
  const { steps, learningRate } = pictured;
  const trial = { trialId: "picture", task, optimizer, scheduleName: schedule.kind, schedule, learningRate };
  const trials = [{ ...trial, seed: 0, split: "report", steps, evaluateEvery: steps }];
  const child = launchRuleTrace(JSON.stringify({ cohortId: "picture", studyName: "picture", trials }));
  const { learningRates } = tracedSchema.parse(await lastLineAsJson(child));
  const how = `with ${optimizer?.kind} on ${taskLabel(task)}, ${steps} steps from the base rate ${learningRate}`;
  return `${schedule.kind} ${how}\n${plotLine(learningRates)}`;
}
