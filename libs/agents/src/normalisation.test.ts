import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testPolicy } from "../test/simulated.js";
import { outputs } from "./networks.js";
import { merged, type Normalisation, normalised, renormalised } from "./normalisation.js";

const start: Normalisation = { count: 0, mean: [0, 0], deviation: [1, 1] };
const thousandths = fc.integer({ min: -4000, max: 4000 }).map((x) => x / 1000);
const row = fc.tuple(thousandths, thousandths);
const rows = fc.array(row, { minLength: 1, maxLength: 30 }).map((found) => Float32Array.from(found.flat()));

describe("a running normalisation", () => {
  it("knows mean and deviation of what it saw", () => {
    // 1, 2, 3 and 10, 10, 16.
    const { count, mean, deviation } = merged(start, Float32Array.of(1, 10, 2, 10, 3, 16));
    expect([count, ...mean]).toEqual([3, 2, 12]);
    expect(deviation[0]).toBeCloseTo(Math.sqrt(2 / 3), 12);
    expect(deviation[1]).toBeCloseTo(Math.sqrt(8), 12);
  });

  it("learns in parts what it learns at once", () => {
    fc.assert(
      fc.property(rows, rows, (first, second) => {
        const begun = merged(start, first);
        // A feature that has not moved yet keeps another deviation; the law is for those that have.
        fc.pre(begun.deviation.every((deviation) => deviation !== 1));
        const parts = merged(begun, second);
        const whole = merged(start, Float32Array.of(...first, ...second));
        expect(parts.count).toBe(whole.count);
        for (const i of [0, 1]) {
          expect(parts.mean[i]).toBeCloseTo(whole.mean[i] as number, 8);
          expect(parts.deviation[i]).toBeCloseTo(whole.deviation[i] as number, 6);
        }
      }),
    );
  });

  it("leaves a feature alone that never moved", () => {
    expect(merged(start, Float32Array.of(5, 1, 5, 2))).toMatchObject({ mean: [5, 1.5], deviation: [1, 0.5] });
    expect(merged(start, new Float32Array())).toBe(start);
  });

  it("cuts off at ten deviations", () => {
    const given = { count: 9, mean: [1, 0], deviation: [2, 0.1] };
    expect([...normalised(Float32Array.of(5, 2, -30, -0.5), given)]).toEqual([2, 10, -10, -5]);
  });

  it("says through other weights what it said before", () => {
    const policy = {
      ...testPolicy({ inputs: 2, hidden: [5, 4] }),
      normalisation: merged(start, Float32Array.of(-9, 3, 9, 4)),
    };
    fc.assert(
      fc.property(rows, row, (seen, probe) => {
        const next = renormalised(policy, seen);
        const features = Float32Array.from(probe);
        const inside = (values: Float32Array) => values.every((z) => Math.abs(z) < 10);
        const [before, after] = [policy, next].map(({ normalisation }) => normalised(features, normalisation)) as [
          Float32Array,
          Float32Array,
        ];
        fc.pre(inside(before) && inside(after));
        for (const network of ["actor", "critic"] as const) {
          const [said, says] = [outputs(policy[network] ?? [], before), outputs(next[network] ?? [], after)];
          said.forEach((value, i) => {
            expect(says[i]).toBeCloseTo(value, 4);
          });
        }
        expect(next.normalisation.count).toBe(2 + seen.length / 2);
      }),
    );
  });
});
