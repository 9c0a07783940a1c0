import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type ScheduleSpec, scheduleSpecSchema } from "../src/spec.js";
import { traceSchedule } from "../src/trace.js";

/** As fixtures/make.py writes it. */
interface ReferenceCase {
  readonly source: string;
  readonly spec: { readonly kind: string; readonly schedule?: { readonly kind: string } };
  readonly learningRate: number;
  readonly rates: readonly number[];
  /** Open loop: the trial's steps. */
  readonly steps?: number;
  /** Closed loop: the name of a sequence. */
  readonly losses?: string;
}

interface Fixture {
  readonly losses?: Readonly<Record<string, readonly (number | string)[]>>;
  readonly cases: readonly ReferenceCase[];
}

const fixtures = ["open-loop", "closed-loop", "random"].map(readFixture);

/** A spec as a sweep file would have it, parsed. */
export function specOf(given: unknown): ScheduleSpec {
  return scheduleSpecSchema.parse(given);
}

/**
 * Compares a rule with PyTorch and transformers, wherever it stands in the fixtures (after a warm-up, too). To 1e-12 of each rate:
 * the references multiply from step to step where we have the closed form, so the last digits differ. Where a reference
 * subtracts two large rates for a small one, the last digit of the large ones is what is left of it.
 */
export function agreesWithReferences(kind: string): void {
  const found = fixtures.flatMap(({ cases, losses }) =>
    cases
      .filter(({ spec }) => spec.kind === kind || spec.schedule?.kind === kind)
      .map((each) => ({ ...each, sequences: losses })),
  );
  if (found.length === 0) throw new Error(`there is no reference for ${kind}`);
  const named = found.map((each) => ({ ...each, shown: JSON.stringify(each.spec) }));
  it.each(named)(
    "agrees with $source, $shown $losses",
    ({ spec, learningRate, steps = 1, losses, rates, sequences }) => {
      // An open-loop rule looks at no loss; zeros make the trace as long as the reference, beyond the horizon.
      const seen = losses === undefined ? rates.slice(1).map(() => 0) : sequences?.[losses]?.map(toNumber);
      if (seen === undefined) throw new Error(`there is no sequence ${losses}`);
      const traced = traceSchedule(specOf(spec), { learningRate, steps, losses: seen });
      expect(traced).toHaveLength(rates.length);
      const lastDigit = Math.max(...rates) * 2 ** -52;
      for (const [step, rate] of rates.entries()) {
        const difference = Math.abs((traced[step] as number) - rate);
        expect(difference, `step ${step}: ${traced[step]} for ${rate}`).toBeLessThanOrEqual(1e-12 * rate + lastDigit);
      }
    },
  );
}

function toNumber(value: number | string): number {
  if (typeof value === "number") return value;
  return { inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY }[value] ?? Number.NaN;
}

function readFixture(name: string): Fixture {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8")) as Fixture;
}
