import { randomStream } from "@stride/random";
import { z } from "zod";
import type { RateSpec } from "./domain.js";

/** Where a parameter of a schedule is drawn from. */
export const rangeSchema = z.union([
  z.strictObject({
    oneOf: z
      .array(z.union([z.number(), z.string(), z.boolean()]))
      .min(1)
      .max(1_000),
  }),
  z
    .strictObject({
      from: z.number(),
      to: z.number(),
      scale: z.enum(["linear", "log"]).default("linear"),
      /** Whole numbers alone, both ends included. */
      whole: z.boolean().default(false),
    })
    .refine(({ from, to }) => from < to, { path: ["to"], error: "must be above from" })
    .refine(({ from, scale }) => scale === "linear" || from > 0, {
      path: ["from"],
      error: "must be above 0 on a log scale",
    })
    .refine(({ from, to, whole }) => !whole || (Number.isInteger(from) && Number.isInteger(to)), {
      path: ["from"],
      error: "must be a whole number, and to as well, where whole is true",
    }),
]);
export type Range = z.infer<typeof rangeSchema>;

/** A random search: so many configurations a schedule, each with a rate and values of its parameters drawn anew. */
export interface Search {
  readonly draws: number;
  readonly seed: number;
  /** Rates are drawn evenly in the logarithm. */
  readonly learningRate: { readonly from: number; readonly to: number };
}

/** One configuration that was drawn. */
export interface Draw {
  readonly learningRate: number;
  readonly schedule: RateSpec;
}

export interface DrawOptions {
  readonly search: Search;
  readonly name: string;
  readonly schedule: RateSpec;
  readonly ranges: Readonly<Record<string, Range>>;
  /** Rates that are taken: a schedule's configurations are told apart by their rates. */
  readonly taken: readonly number[];
  /** Parses a schedule with drawn values; its defaults are filled in already. */
  parse(spec: unknown): RateSpec;
}

/**
 * The draws of a schedule: functions of the search's seed, the schedule's name, the parameter's name and the number of the draw alone, so
 * that more draws, or another schedule, leave those there were.
 */
export function drawConfigurations({ search, name, schedule, ranges, taken, parse }: DrawOptions): Draw[] {
  const { draws, seed, learningRate } = search;
  const streamOf = (parameter: string) => randomStream({ seed, purpose: `search:${name}:${parameter}` });
  const rates = streamOf("learningRate");
  const streams = Object.entries(ranges).map(([key, range]) => ({ key, range, stream: streamOf(key) }));
  const used = new Set(taken);
  const rateOf = (draw: number) => {
    for (let attempt = 0; ; attempt++) {
      const rate = rounded(between(learningRate, rates.uniform(draw, attempt), "log"));
      if (used.has(rate)) continue;
      used.add(rate);
      return rate;
    }
  };
  return Array.from({ length: draws }, (_, draw) => {
    const drawn = streams.map(({ key, range, stream }) => [key, valueAt(range, stream.uniform(draw, 0))] as const);
    return {
      learningRate: rateOf(draw),
      schedule: streams.length === 0 ? schedule : parse({ ...schedule, ...Object.fromEntries(drawn) }),
    };
  });
}

/** The values at both ends of a range: what is allowed between them is allowed at them. */
export function endsOf(range: Range): readonly unknown[] {
  return "oneOf" in range ? range.oneOf : [range.from, range.to];
}

/** The value at a place u in [0, 1) of a range. */
export function valueAt(range: Range, u: number): number | string | boolean {
  if ("oneOf" in range) return range.oneOf[Math.floor(u * range.oneOf.length)] as number | string | boolean;
  const { from, to, scale, whole } = range;
  if (!whole) return rounded(between(range, u, scale));
  // Each whole number has the interval up to the next one: the last one its own as well.
  return Math.min(to, Math.floor(between({ from, to: to + 1 }, u, scale)));
}

function between(
  { from, to }: { readonly from: number; readonly to: number },
  u: number,
  scale: "linear" | "log",
): number {
  const value = scale === "log" ? from * (to / from) ** u : from + (to - from) * u;
  return Math.min(to, Math.max(from, value));
}

/** To six digits, as a reader would write it. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
