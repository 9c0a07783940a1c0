import { type RecordedEpisode, returnOf } from "@stride/experiment";

/** 0 of none. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return values.length === 0 ? 0 : sum / values.length;
}

export function meanSquare(values: Float64Array): number {
  return mean(values.map((value) => value ** 2));
}

/** Mean squared distance from the mean. */
export function variance(values: Float64Array): number {
  const middle = mean(values);
  return meanSquare(values.map((value) => value - middle));
}

/** a − b, entry by entry. */
export function difference(a: Float64Array, b: ArrayLike<number>): Float64Array {
  return a.map((value, i) => value - (b[i] as number));
}

/** Mean over episodes of the sum of their rewards; 0 of none. */
export function meanReturn(episodes: readonly RecordedEpisode[]): number {
  return mean(episodes.map(returnOf));
}
