import { groupBy } from "./group-by.js";

/** One trial's course: a loss or a rate at ascending steps; null where it is not finite. */
export interface SeedCurve {
  /** What is drawn in one panel: a task, or whatever else the reader tells apart. */
  readonly panel: string;
  readonly schedule: string;
  readonly seed: number;
  readonly points: readonly { readonly step: number; readonly value: number | null }[];
}

/** The seeds of one schedule at one step; null where the quartile is infinite, because that many have diverged. */
export interface BandPoint {
  readonly panel: string;
  readonly schedule: string;
  readonly step: number;
  readonly lower: number | null;
  readonly median: number | null;
  readonly upper: number | null;
}

export interface CurveBandOptions {
  /** At most so many steps a curve, evenly among those that there are, the first and the last included; at least 2. */
  readonly points: number;
  /** A seed without a value at a step: `infinite`, the worst (losses: it diverged); `absent`, left out (rates). */
  readonly missing: "infinite" | "absent";
}

/** Median and quartiles over seeds, by panel and schedule, in the order of their first curves. */
export function curveBands(curves: readonly SeedCurve[], { points, missing }: CurveBandOptions): BandPoint[] {
  const groups = groupBy(curves, ({ panel, schedule }) => JSON.stringify([panel, schedule]));
  return [...groups.values()].flatMap((group) => {
    const { panel, schedule } = group[0] as SeedCurve;
    const seeds = group.map((curve) => new Map(curve.points.map(({ step, value }) => [step, value])));
    const steps = [...new Set(seeds.flatMap((seed) => [...seed.keys()]))].sort((a, b) => a - b);
    return thinned(steps, points).map((step) => {
      const known = seeds.map((seed) => seed.get(step) ?? null);
      const values =
        missing === "infinite"
          ? known.map((value) => value ?? Number.POSITIVE_INFINITY)
          : known.filter((value) => value !== null);
      const [lower = null, median = null, upper = null] = quartiles(values).map((value) =>
        Number.isFinite(value) ? value : null,
      );
      return { panel, schedule, step, lower, median, upper };
    });
  });
}

/** At most `count` of the items, evenly, both ends included. */
export function thinned<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  const stride = (items.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, place) => items[Math.round(place * stride)] as Item);
}

/**
 * The three quartiles, linear between order statistics (Hyndman & Fan, "Sample quantiles in statistical packages", 1996, type 7);
 * +Infinity where an infinite value takes part, NaN without values.
 */
export function quartiles(values: readonly number[]): [number, number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => {
    const position = share * (sorted.length - 1);
    const [low = Number.NaN, high = Number.NaN] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
    if (low === high) return low;
    return low + (position - Math.floor(position)) * (high - low);
  };
  return [at(0.25), at(0.5), at(0.75)];
}
