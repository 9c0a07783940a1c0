import { finiteLog } from "@stride/schedules";
import type { PolicyCurve } from "./curve.js";

/** One decision of a policy, as a decision table would have seen it. */
export interface Decision {
  /** Change of the mean log loss over the last window; 0 at the first decision. */
  readonly change: number;
  /** Updates taken, and planned. */
  readonly step: number;
  readonly steps: number;
  /** Logarithm of what the rate was multiplied by. */
  readonly logFactor: number;
}

/** The decisions of a training that decided after every so many steps: all whose outcome is in the curve. */
export function decisionsOf({ losses, learningRates, steps }: PolicyCurve, every: number): Decision[] {
  const found: Decision[] = [];
  let before: number | undefined;
  for (let end = every; end < losses.length; end += every) {
    // Summed in the order of the rule (libs/schedules/src/rules/decision-table.ts): equal to the bit.
    let sum = 0;
    for (let step = end - every; step < end; step++) sum += finiteLog(losses[step] as number);
    const mean = sum / every;
    found.push({
      change: mean - (before ?? mean),
      step: end,
      steps,
      logFactor: Math.log((learningRates[end] as number) / (learningRates[end - 1] as number)),
    });
    before = mean;
  }
  return found;
}
