import type { LineSearch } from "@stride/optimizers";

/** One step's search, of all trials of a cohort together. */
export interface RateSearch {
  readonly search: LineSearch;
  /** Where the step before goes on from, `[K]`; undefined where there was none. */
  readonly previous: readonly (number | undefined)[];
  /** Base learning rates, `[K]`. */
  readonly learningRates: Float32Array;
  /** The loss that is minimised, at the parameters, and the gradient's ‖g‖², `[K]`. */
  readonly losses: Float32Array;
  readonly squaredNorms: Float32Array;
  /** Losses and promised falls `[K]` at these rates: one forward pass. */
  try(rates: Float32Array): Promise<{ readonly losses: Float32Array; readonly promised: Float32Array }>;
}

export interface FoundRates {
  /** `[K]`. */
  readonly rates: Float32Array;
  /** Rates tried by each trial, a forward pass each, `[K]`. */
  readonly tries: Int32Array;
  /** `previous` of the next step. */
  readonly goOnFrom: readonly number[];
}

/** Base rates held to the bounds of their step, `[K]` each; a bound that is no number holds nothing. */
export function heldTo(learningRates: Float32Array, bounds: Float32Array): Float32Array {
  return learningRates.map((rate, k) => Math.min(rate, Number.isNaN(bounds[k]) ? rate : (bounds[k] as number)));
}

/**
 * Searches until every trial has its rate. Trials that have theirs wait at it; they are not charged for the tries of the others. A
 * trial whose loss is not finite takes the proposed rate untried: it is lost.
 */
export async function searchRates(step: RateSearch): Promise<FoundRates> {
  const { search, previous, learningRates, losses, squaredNorms } = step;
  const rates = learningRates.map((base, k) => search.propose(previous[k], base));
  const tries = new Int32Array(rates.length);
  const goOnFrom = [...rates];
  const open = new Set([...rates.keys()].filter((k) => Number.isFinite(losses[k])));
  while (open.size > 0) {
    const tried = await step.try(rates);
    for (const k of [...open]) {
      const verdict = search.judge({
        rate: rates[k] as number,
        triesBefore: tries[k] as number,
        loss: losses[k] as number,
        lossAtRate: tried.losses[k] as number,
        promised: tried.promised[k] as number,
        squaredNorm: squaredNorms[k] as number,
      });
      tries[k] = (tries[k] as number) + 1;
      rates[k] = verdict.rate;
      if (verdict.kind === "try") continue;
      goOnFrom[k] = verdict.goesOnFrom ?? verdict.rate;
      open.delete(k);
    }
  }
  return { rates, tries, goOnFrom };
}
