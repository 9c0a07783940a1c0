import { createScheduler, type ScheduleOptions } from "./create.js";
import { InvalidArgument } from "./invalid-argument.js";
import { decisions, type ScheduleSpec } from "./registry.js";

export interface TraceOptions extends ScheduleOptions {
  /** Entry i is what the rule sees after step i, as a training loss and as a new evaluation; may be non-finite. */
  readonly losses?: readonly number[];
}

/**
 * Replays a schedule: entry i is the rate used at step i. N losses give N + 1 rates; without losses an open-loop schedule gives
 * `steps` of them. Throws InvalidArgument for a closed-loop schedule without losses, and as createScheduler does.
 */
export function traceSchedule(spec: ScheduleSpec, { learningRate, steps, losses }: TraceOptions): number[] {
  const scheduler = createScheduler(spec, { learningRate, steps });
  if (losses === undefined && decisions(spec).kind === "closed-loop") {
    throw new InvalidArgument(`${spec.kind} watches the loss: a trace of it needs losses`);
  }
  const seen = losses ?? new Array<number>(steps - 1).fill(0);
  let state = scheduler.init();
  const rates = [scheduler.learningRate(state)];
  for (const [step, loss] of seen.entries()) {
    state = scheduler.update(state, { step, trainingLoss: loss, evaluation: { step: step + 1, loss } });
    rates.push(scheduler.learningRate(state));
  }
  return rates;
}
