import type { Noise } from "@stride/experiment";
import type { Stream } from "@stride/random";

type ObservedShape = Extract<Noise, { kind: "observed-loss" }>["shape"];
type GradientShape = Extract<Noise, { kind: "gradient" }>["shape"];

/** Steps of a period, and how many at its end a spike or a burst takes: none at the start, where nothing is known yet. */
const spikes = { period: 50, length: 3 } as const;
const bursts = { period: 200, length: 20 } as const;
const spikeProbability = 0.02;

const isAtEnd = (step: number, { period, length }: { readonly period: number; readonly length: number }) =>
  step % period >= period - length;

/** What is added to an observed loss at a step, in units of the strength and the scale. `steps` is the trial's length. */
export function observedNoise(shape: ObservedShape, stream: Stream, step: number, steps: number): number {
  switch (shape) {
    case "gaussian":
      return stream.normal(step, 0);
    case "spikes":
    case "random-spikes":
      return gate(shape, stream, step);
    case "bursts":
      return gate(shape, stream, step) * stream.normal(step, 0);
    case "oscillation":
      return Math.sin(0.1 * step);
    case "drift":
      return step / steps;
  }
}

/** 1 at the steps where a noise of this shape acts, else 0. */
export function gate(shape: GradientShape, stream: Stream, step: number): number {
  switch (shape) {
    case "gaussian":
      return 1;
    case "spikes":
      return isAtEnd(step, spikes) ? 1 : 0;
    case "random-spikes":
      return stream.uniform(step, 0) < spikeProbability ? 1 : 0;
    case "bursts":
      return isAtEnd(step, bursts) ? 1 : 0;
  }
}
