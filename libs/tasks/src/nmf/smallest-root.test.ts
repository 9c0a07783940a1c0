import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { smallestRoot } from "./smallest-root.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

interface Numbers {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** Of d t³ − c t² + b t − a, which is divided by a. */
const rootsOf = (cubics: readonly Numbers[]) => {
  const column = (name: keyof Numbers) => tf.tensor1d(cubics.map((cubic) => cubic[name] / cubic.a));
  return tf.tidy(() => [...smallestRoot({ b: column("b"), c: column("c"), d: column("d") }).dataSync()]);
};
const rootOf = (cubic: Numbers) => rootsOf([cubic])[0] as number;

const at = ({ a, b, c, d }: Numbers, t: number) => ((d * t - c) * t + b) * t - a;

/** Where p first rises above 0: bisection in double precision between the places where p turns, which are known. */
function bisected(cubic: Numbers): number {
  const { b, c, d } = cubic;
  const radical = Math.sqrt(Math.max(0, c * c - 3 * b * d));
  const turns = [(c - radical) / (3 * d), (c + radical) / (3 * d)].filter((t) => t > 0 && radical > 0);
  let high = turns.find((t) => at(cubic, t) >= 0) ?? Number.NaN;
  if (Number.isNaN(high)) for (high = Math.max(1e-3, ...turns); at(cubic, high) < 0; ) high *= 2;
  let low = turns.filter((t) => t < high && at(cubic, t) < 0).at(-1) ?? 0;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (at(cubic, middle) < 0) low = middle;
    else high = middle;
  }
  return high;
}

describe("the smallest positive root of d t³ − c t² + b t − a", () => {
  it.each([
    { title: "of a straight line", cubic: { a: 3, b: 2, c: 0, d: 0 }, root: 1.5 },
    { title: "of a pure cube", cubic: { a: 8, b: 0, c: 0, d: 1 }, root: 2 },
    // (t − 1)(t − 2)(t − 3)
    { title: "of three", cubic: { a: 6, b: 11, c: 6, d: 1 }, root: 1 },
    // (t − 1)(t + 2)(t + 3)
    { title: "of one and two negative ones", cubic: { a: 6, b: 1, c: -4, d: 1 }, root: 1 },
    // (t − 5)((t − 1)² + 1)
    { title: "beyond a dip", cubic: { a: 10, b: 12, c: 7, d: 1 }, root: 5 },
    // (t − 1)((t − 4)² + 1)
    { title: "before a dip", cubic: { a: 17, b: 25, c: 9, d: 1 }, root: 1 },
    // (t − 1)³
    { title: "three times", cubic: { a: 1, b: 3, c: 3, d: 1 }, root: 1 },
    // (t − 2)(t + 1)²
    { title: "where b and c are below 0", cubic: { a: 2, b: -3, c: 0, d: 1 }, root: 2 },
    { title: "of a square", cubic: { a: 2, b: 1, c: -1, d: 0 }, root: 1 },
  ])("$title: $root", ({ cubic, root }) => {
    expect(rootOf(cubic)).toBeCloseTo(root, 5);
  });

  it("does not fall beyond a double root: (t − 1)²(t − 2) gives 1", () => {
    const root = rootOf({ a: 2, b: 5, c: 4, d: 1 });
    expect(root).toBeGreaterThan(0.999);
    expect(root).toBeLessThanOrEqual(1);
  });

  it("takes each cubic of a cohort for itself", () => {
    const cubics = [
      { a: 6, b: 11, c: 6, d: 1 },
      { a: 10, b: 12, c: 7, d: 1 },
      { a: 8, b: 0, c: 0, d: 1 },
    ];
    expect(rootsOf(cubics)).toEqual(cubics.map(rootOf));
  });

  it("is that of a bisection in double precision, whatever the sizes of the coefficients", () => {
    const size = fc.double({ min: -6, max: 6, noNaN: true }).map((exponent) => Math.fround(10 ** exponent));
    const signed = fc.tuple(size, fc.boolean()).map(([value, below]) => (below ? -value : value));
    fc.assert(
      fc.property(fc.record({ a: size, b: signed, c: signed, d: size }), (cubic) => {
        const [root, expected] = [rootOf(cubic), bisected(cubic)];
        // What rounding of its terms does to p, by p's slope, is all that may part them.
        const { a, b, c, d } = cubic;
        const slope = 3 * d * expected ** 2 - 2 * c * expected + b;
        const terms = d * expected ** 3 + Math.abs(c) * expected ** 2 + Math.abs(b) * expected + a;
        const illConditioned = (4e-7 * terms) / Math.abs(slope * expected) > 0.01;
        fc.pre(!illConditioned);
        const allowed = 2e-6 + (4e-7 * terms) / Math.abs(slope * expected);
        expect(Math.abs(root / expected - 1)).toBeLessThan(allowed);
      }),
      { numRuns: 500 },
    );
  });
});
