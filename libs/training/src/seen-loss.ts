import type { Trial } from "@stride/experiment";
import { randomStream } from "@stride/random";
import { observedNoise } from "./noise-shapes.js";

/** A loss as the trial's rule sees it: with the trial's noise on it, or as it is. `step` counts updates before the loss was taken. */
export type SeenLoss = (loss: number, step: number, signal: "training" | "evaluation") => number;

/** Trials of one seed see the same noise. */
export function createSeenLoss({ noise, seed, steps }: Trial): SeenLoss | undefined {
  if (noise?.kind !== "observed-loss") return undefined;
  const streams = {
    training: randomStream({ seed, purpose: "noise:observed-training-loss" }),
    evaluation: randomStream({ seed, purpose: "noise:observed-evaluation-loss" }),
  };
  const { shape, strength, scale } = noise;
  return (loss, step, signal) => {
    const size = strength * (scale === "relative" ? loss : 1);
    return loss + size * observedNoise(shape, streams[signal], step, steps);
  };
}
