import { randomStream } from "@stride/random";
import type { ScheduleSpec } from "@stride/schedules/spec";
import { explained, type PolicyCurve } from "./curve.js";
import { defaultGreedy, fitGreedy } from "./fit-greedy.js";
import { fitTable } from "./fit-table.js";

export interface DistilOptions {
  /** At least 2: half of them are fitted to, the others judge. */
  readonly curves: readonly PolicyCurve[];
  /** The policy decides after every so many steps. */
  readonly every: number;
  /** Its rates stay within the base rate times these. */
  readonly range: { readonly lowest: number; readonly highest: number };
  /** Which half a training is in, and the parameters that are tried, follow from it. */
  readonly seed: number;
  /** Parameters of GreedyLR that are tried. */
  readonly candidates: number;
}

/** A simple rule, and the share of what the policy did that it does too (`explained`): null where the policy did nothing. */
export interface Distilled {
  readonly schedule: ScheduleSpec;
  /** On the trainings that it was fitted to, and on the others. */
  readonly fitted: number | null;
  readonly leftOut: number | null;
}

export interface Distillation {
  /** Free to go wherever the policy could. */
  readonly greedy: Distilled;
  /** Its least and greatest rate fitted too, which hold on tasks of the same scale alone. */
  readonly greedyWithin: Distilled;
  /** Left out where the policy never decided. */
  readonly table?: Distilled;
  /** GreedyLR as it comes; fitted to nothing. */
  readonly defaultGreedy: Distilled;
  /** Trainings fitted to, and left out. */
  readonly curves: { readonly fitted: number; readonly leftOut: number };
}

/** What a policy comes down to: GreedyLR's parameters and a decision table that do most like it. Throws `RangeError` on fewer than two curves. */
export function distil({ curves, every, range, seed, candidates }: DistilOptions): Distillation {
  if (curves.length < 2) throw new RangeError(`there must be at least 2 curves, got ${curves.length}`);
  const order = randomStream({ seed, purpose: "distil:halves" }).permutation(0, curves.length);
  const shuffled = Array.from(order, (place) => curves[place] as PolicyCurve);
  const half = Math.ceil(curves.length / 2);
  const fitted = shuffled.slice(0, half);
  const leftOut = shuffled.slice(half);
  const judged = (schedule: ScheduleSpec): Distilled => ({
    schedule,
    fitted: explained(fitted, schedule),
    leftOut: explained(leftOut, schedule),
  });
  const table = fitTable({ curves: fitted, every, range });
  return {
    greedy: judged(fitGreedy({ curves: fitted, range, candidates, seed, limits: "wide" })),
    greedyWithin: judged(fitGreedy({ curves: fitted, range, candidates, seed, limits: "fitted" })),
    ...(table === undefined ? {} : { table: judged(table) }),
    defaultGreedy: judged(defaultGreedy(fitted, range)),
    curves: { fitted: fitted.length, leftOut: leftOut.length },
  };
}
