import type { z } from "zod";
import type { Schedule, Scheduler } from "./schedule.js";

/** The trial a rule is started for. */
export interface RuleOptions {
  /** Base learning rate, above 0: every rule scales from it. */
  readonly learningRate: number;
  /** The horizon: updates the trial takes, at least 1. */
  readonly steps: number;
  /** Steps of a linear warm-up before the rule begins; 0 without one. */
  readonly warmupSteps: number;
  /** Default exports of the users' modules, and documents of policies, by the SHA-256 of their text; left out where none is loaded. */
  readonly modules?: ReadonlyMap<string, unknown>;
  /** The trial's, for rules that draw; 0 when left out. */
  readonly seed?: number;
}

/** When a rule may move its rate for another reason than time. */
export type Decisions =
  | { readonly kind: "open-loop" }
  | {
      readonly kind: "closed-loop";
      /** What it watches: the training loss of a step, or the held-out loss of an evaluation. */
      readonly signal: "train" | "evaluation";
      /** It looks at every n-th step, n = `every`, (`(step + 1) % every === 0`) or evaluation; in between the rate stands still. */
      readonly every: number;
      /** Except in the first so many steps, a warm-up, where it moves with every step. */
      readonly warmupSteps: number;
    };

/** One field of a spec, as a listing shows it. */
export interface ScheduleParameter {
  readonly name: string;
  readonly description: string;
  /** What its number counts, for example "steps" or "fraction of the base learning rate". */
  readonly unit: string;
  /** Undefined: the field is required. Null: it may be left out, and the description says what follows. */
  readonly default: unknown;
}

/** A kind of schedule, as a listing shows it. */
export interface ScheduleKind {
  readonly kind: string;
  /** One line. */
  readonly description: string;
  /** Where the rule comes from. */
  readonly source: string;
  readonly parameters: readonly ScheduleParameter[];
  /** What a picture over 100 steps sets besides the kind, where the defaults alone do not show the rule. */
  readonly example?: Readonly<Record<string, unknown>>;
}

/** What `warnings` knows of a trial; `steps` where it is known. */
export interface WarningOptions {
  readonly learningRate: number;
  readonly steps?: number;
}

/** One rule: its spec and its code. */
export interface Rule<Schema extends z.ZodType = z.ZodType> extends ScheduleKind {
  readonly schema: Schema;
  /** A function of the step for an open loop, a scheduler for a closed one; `options` are valid. */
  create(spec: z.infer<Schema>, options: RuleOptions): Schedule | Scheduler;
  /** Left out: open loop. */
  decisions?(spec: z.infer<Schema>): Decisions;
  /** Surprises of a valid spec, a sentence each. */
  warnings?(spec: z.infer<Schema>, options: WarningOptions): string[];
}

/** The fields of a spec's schema except its `kind`. */
export function parametersOf(shape: Readonly<Record<string, z.ZodType>>): ScheduleParameter[] {
  return Object.entries(shape)
    .filter(([name]) => name !== "kind")
    .map(([name, field]) => {
      const { description = "", unit } = field.meta() ?? {};
      const left = field.safeParse(undefined);
      return { name, description, unit: String(unit ?? ""), default: left.success ? (left.data ?? null) : undefined };
    });
}
