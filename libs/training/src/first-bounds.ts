import type { Program, Segment } from "@stride/compile";
import type { Trial } from "@stride/experiment";

/** The bounds of the first step, times their fraction, and what reading them took of passes; by the trial's place. */
export interface FirstBounds {
  readonly bounds: Float32Array;
  readonly forwardPasses: (slice: number) => number;
  readonly backwardPasses: number;
}

/**
 * Takes the first step at a rate of 0 to read its bounds. The program's parameters must be loaded again afterwards, as an optimizer may
 * remember the step. Throws where a step is not bounded: there is nothing for a rate to be a multiple of.
 */
export async function readFirstBounds(
  program: Program,
  first: Segment,
  trials: readonly Trial[],
): Promise<FirstBounds> {
  first.learningRates.fill(0);
  const { bounds, extraPasses } = await program.run(first);
  if (bounds === undefined) throw new Error("a program that reads first bounds must watch them");
  trials.forEach(({ trialId }, k) => {
    const bound = bounds[k] as number;
    if (bound > 0 && Number.isFinite(bound)) return;
    throw new RangeError(
      `the first step of trial ${trialId} has the stability bound ${bound}: no rate is a multiple of it`,
    );
  });
  return {
    bounds: bounds.slice(),
    forwardPasses: (slice) => 1 + (extraPasses?.[slice] ?? 0),
    backwardPasses: 1,
  };
}
