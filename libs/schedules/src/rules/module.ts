import { z } from "zod";
import { stepCount } from "../fields.js";
import { InvalidArgument } from "../invalid-argument.js";
import { parametersOf, type Rule } from "../rule.js";
import type { Json, Schedule, Scheduler } from "../schedule.js";

/** Characters that a module's options may have as JSON. */
const longestOptions = 1_000;

const given = {
  kind: z.literal("module"),
  path: z
    .string()
    .regex(/\.m?js$/)
    .max(1_000)
    .meta({
      title: "a path that ends with .mjs or .js",
      description: "the ES module, relative to the sweep file; its default export makes the schedule",
      unit: "",
    }),
  watches: z.enum(["nothing", "train", "evaluation"]).meta({
    description: "what may move its rate: nothing but time, the training loss, or the held-out one",
    unit: "",
  }),
  every: stepCount({ min: 1 }).default(1).meta({
    description: "its rate may move after every n-th step or evaluation only; of no matter where it watches nothing",
    unit: "steps or evaluations",
  }),
  options: z
    .record(z.string(), z.json())
    .refine((options) => JSON.stringify(options).length <= longestOptions, {
      error: `must have at most ${longestOptions} characters as JSON`,
    })
    .default({})
    .meta({ description: "what it is called with", unit: "" }),
};

/** Path as in a task's module: parsing a sweep cuts it to the file's name, and writes the hash in. */
const schema = z.strictObject({ ...given, sha256: z.string().regex(/^[0-9a-f]{64}$/) });
export type ModuleScheduleSpec = z.infer<typeof schema>;

/**
 * A schedule of the user's own: what the default export of its module makes of `(options, { learningRate, steps })`. A rate that is no
 * finite number from 0 up ends the training with an error, as does one that moves between the decisions the spec declares.
 */
export const module: Rule<typeof schema> = {
  kind: "module",
  description: "A schedule of your own, from an ES module beside the sweep file",
  source: "the module's author",
  parameters: parametersOf(given),
  schema,
  create(spec, { learningRate, steps, modules }) {
    const make = modules?.get(spec.sha256);
    if (typeof make !== "function") {
      throw new InvalidArgument(
        modules?.has(spec.sha256) === true
          ? "the default export must be a function (options, { learningRate, steps }) => schedule"
          : `the text of ${spec.path} (${spec.sha256}) was not given`,
      );
    }
    // Its own copy: a module that changes its options would change the spec.
    const made: unknown = make(structuredClone(spec.options), { learningRate, steps });
    if (typeof made === "function") return checkedSchedule(made as Schedule);
    if (!isScheduler(made)) {
      throw new InvalidArgument(
        "the default export must return a function of the step, or { init, update, learningRate }, and returned " +
          (made === null ? "null" : typeof made),
      );
    }
    if (spec.watches === "nothing") {
      throw new InvalidArgument("the default export must return a function of the step, as it watches nothing");
    }
    return checkedScheduler(made);
  },
  decisions: ({ watches, every }) =>
    watches === "nothing" ? { kind: "open-loop" } : { kind: "closed-loop", signal: watches, every, warmupSteps: 0 },
};

/** For example `module my-schedule-1a2b3c4d (width 8)`. */
export function describeModule({ path, sha256, options }: ModuleScheduleSpec): string {
  const name = path.replace(/^.*[\\/]/, "").replace(/\.m?js$/, "");
  const shown = Object.entries(options).map(
    ([key, value]) => `${key} ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `module ${name}-${sha256.slice(0, 8)}${shown.length === 0 ? "" : ` (${shown.join(", ")})`}`;
}

function isScheduler(made: unknown): made is Scheduler {
  if (typeof made !== "object" || made === null) return false;
  const functions = made as Readonly<Record<string, unknown>>;
  return ["init", "update", "learningRate"].every((name) => typeof functions[name] === "function");
}

function checkedSchedule(schedule: Schedule): Schedule {
  return (step) => requireRate(schedule(step), `at step ${step}`);
}

function checkedScheduler(scheduler: Scheduler): Scheduler {
  return {
    init: () => scheduler.init(),
    update: (state: Json, observation) => scheduler.update(state, observation),
    learningRate: (state) => requireRate(scheduler.learningRate(state), "in some state"),
  };
}

function requireRate(rate: unknown, where: string): number {
  if (typeof rate === "number" && Number.isFinite(rate) && rate >= 0) return rate;
  const came = typeof rate === "number" ? String(rate) : typeof rate;
  throw new InvalidArgument(`a learning rate must be a finite number, 0 or more: ${where} it is ${came}`);
}
