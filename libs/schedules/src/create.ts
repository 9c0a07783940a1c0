import { InvalidArgument } from "./invalid-argument.js";
import { ruleOf, type ScheduleSpec } from "./registry.js";
import type { Schedule, Scheduler } from "./schedule.js";

export interface ScheduleOptions {
  /** Base learning rate, above 0: every rule scales from it. */
  readonly learningRate: number;
  /** The horizon of rules that have one, unless their spec gives another: updates the trial takes, at least 1. */
  readonly steps: number;
  /** Default exports of the users' modules, by the SHA-256 of their text; left out where none is loaded. */
  readonly modules?: ReadonlyMap<string, unknown>;
  /** The trial's, for rules that draw; 0 when left out. */
  readonly seed?: number;
}

/** Starts the rule of a spec. Throws InvalidArgument on a learning rate or a horizon that is not positive. */
export function createScheduler(spec: ScheduleSpec, options: ScheduleOptions): Scheduler {
  const created = create(spec, options);
  return typeof created === "function" ? fromSchedule(created) : created;
}

/** The rule of an open-loop spec as a function of the step. Throws InvalidArgument on a closed-loop one, and as createScheduler does. */
export function createSchedule(spec: ScheduleSpec, options: ScheduleOptions): Schedule {
  const created = create(spec, options);
  if (typeof created === "function") return created;
  throw new InvalidArgument(`${spec.kind} watches the training: it is no function of the step alone`);
}

/** A schedule as a scheduler that looks at nothing but the step. */
export function fromSchedule(schedule: Schedule): Scheduler<{ readonly step: number }> {
  return {
    init: () => ({ step: 0 }),
    update: (_, { step }) => ({ step: step + 1 }),
    learningRate: ({ step }) => schedule(step),
  };
}

function create(spec: ScheduleSpec, { learningRate, steps, modules, seed }: ScheduleOptions): Schedule | Scheduler {
  if (!(Number.isFinite(learningRate) && learningRate > 0)) {
    throw new InvalidArgument(`learningRate must be a positive number, got ${learningRate}`);
  }
  if (!(Number.isSafeInteger(steps) && steps > 0)) {
    throw new InvalidArgument(`steps must be a positive integer, got ${steps}`);
  }
  return ruleOf(spec).create(spec, {
    learningRate,
    steps,
    warmupSteps: 0,
    ...(modules === undefined ? {} : { modules }),
    ...(seed === undefined ? {} : { seed }),
  });
}
