import { describe, expect, it } from "vitest";
import { chiSquareDeviation, correlation, countCells, mean } from "../test/statistics.js";
import { randomStream, type Stream } from "./stream.js";

// Fixed seeds: each check either always passes or always fails. Bounds are four or five standard deviations.
const count = 100_000;
const stream = randomStream({ seed: 2026, purpose: "quality" });

describe("uniforms", () => {
  const values = stream.uniforms(0, count);

  it("have the moments of [0, 1)", () => {
    expect(Math.abs(mean(values) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(mean(values.map((x) => x * x)) - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / count));
  });

  it("fill 1,000 cells equally", () => {
    expect(Math.abs(chiSquareDeviation(countCells(values, 1000, (x) => Math.floor(x * 1000))))).toBeLessThan(4);
  });

  it("fill 64 cells of their last six bits equally", () => {
    expect(Math.abs(chiSquareDeviation(countCells(values, 64, (x) => (x * 2 ** 53) % 64)))).toBeLessThan(4);
  });

  it("fill the cells of successive pairs equally", () => {
    const pairs = Array.from({ length: count / 2 }, (_, i) => i);
    const cellOf = (i: number) =>
      Math.floor((values[2 * i] as number) * 20) * 20 + Math.floor((values[2 * i + 1] as number) * 20);
    expect(Math.abs(chiSquareDeviation(countCells(pairs, 400, cellOf)))).toBeLessThan(4);
  });
});

describe("normals", () => {
  const values = stream.normals(0, count);

  it("have the moments of the standard normal", () => {
    // Deviations of the means of z, z², z³, z⁴: √(1, 2, 15, 96) / √n.
    for (const [power, expected, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const) {
      const moment = mean(values.map((z) => z ** power));
      expect(Math.abs(moment - expected)).toBeLessThan(4 * Math.sqrt(variance / count));
    }
  });

  it("fill the octiles equally", () => {
    const edges = [-1.1503493803760079, -0.6744897501960817, -0.31863936396437514, 0];
    const octiles = [...edges, ...edges.slice(0, 3).map((edge) => -edge)].sort((a, b) => a - b);
    const cellOf = (z: number) => octiles.filter((edge) => edge <= z).length;
    expect(Math.abs(chiSquareDeviation(countCells(values, 8, cellOf)))).toBeLessThan(4);
  });

  it("lie beyond three deviations as often as they should", () => {
    const share = 0.0026997960632601866;
    const beyond = values.filter((z) => Math.abs(z) > 3).length;
    expect(Math.abs(beyond - share * count)).toBeLessThan(4 * Math.sqrt(share * count));
  });
});

describe("integers", () => {
  it.each([2, 3, 10, 1000])("below %i are equally likely", (below) => {
    const values = Array.from({ length: 50_000 }, (_, index) => stream.integer(1, index, below));
    expect(Math.abs(chiSquareDeviation(countCells(values, below, (value) => value)))).toBeLessThan(4);
  });

  it("below three quarters of 2^53 have no modulo bias", () => {
    // Without the second draw the lower third of the range would come up twice as often as the rest.
    const below = 3 * 2 ** 51;
    const values = Array.from({ length: 30_000 }, (_, index) => stream.integer(2, index, below));
    expect(Math.abs(chiSquareDeviation(countCells(values, 3, (x) => Math.floor(x / 2 ** 51))))).toBeLessThan(4);
  });
});

describe("permutations", () => {
  it("of four come in all 24 orders equally", () => {
    const orders = Array.from({ length: 48_000 }, (_, step) => stream.permutation(step, 4));
    const cellOf = (step: number) => rank(orders[step] as Uint32Array);
    const counts = countCells(orders.keys(), 24, cellOf);
    expect(Math.abs(chiSquareDeviation(counts))).toBeLessThan(4);
  });

  it("put a number anywhere equally", () => {
    const positions = Array.from({ length: 20_000 }, (_, step) => stream.permutation(step, 50).indexOf(0));
    expect(Math.abs(chiSquareDeviation(countCells(positions, 50, (position) => position)))).toBeLessThan(4);
  });
});

describe("streams are uncorrelated", () => {
  const other = (seed: number, purpose: string) => randomStream({ seed, purpose });
  it.each<{ across: string; a: Float64Array; b: Float64Array }>([
    { across: "seeds", a: uniforms(other(1, "a"), 0), b: uniforms(other(2, "a"), 0) },
    { across: "distant seeds", a: uniforms(other(1, "a"), 0), b: uniforms(other(2 ** 32 + 1, "a"), 0) },
    { across: "purposes", a: uniforms(other(1, "a"), 0), b: uniforms(other(1, "b"), 0) },
    { across: "steps", a: uniforms(other(1, "a"), 0), b: uniforms(other(1, "a"), 1) },
    { across: "neighbours", a: uniforms(stream, 5).subarray(1), b: uniforms(stream, 5).subarray(0, -1) },
    { across: "kinds", a: uniforms(stream, 5), b: stream.normals(5, count) },
    {
      across: "the two of a normal pair",
      a: every(stream.normals(5, count), 0),
      b: every(stream.normals(5, count), 1),
    },
    {
      across: "index 0 of successive steps",
      a: Float64Array.from({ length: 20_000 }, (_, step) => stream.uniform(step, 0)),
      b: Float64Array.from({ length: 20_000 }, (_, step) => stream.uniform(step + 1, 0)),
    },
    {
      across: "index 0 of successive seeds",
      a: Float64Array.from({ length: 20_000 }, (_, seed) => other(seed, "a").normal(0, 0)),
      b: Float64Array.from({ length: 20_000 }, (_, seed) => other(seed + 1, "a").normal(0, 0)),
    },
  ])("across $across", ({ a, b }) => {
    expect(Math.abs(correlation(a, b))).toBeLessThan(4 / Math.sqrt(a.length));
  });
});

function uniforms(from: Stream, step: number): Float64Array {
  return from.uniforms(step, count);
}

/** Every second value, from `offset` on. */
function every(values: Float64Array, offset: number): Float64Array {
  return values.filter((_, i) => i % 2 === offset);
}

/** The place of an order of 0 … n − 1 among all, by its inversions (Lehmer's code). */
function rank(order: Uint32Array): number {
  let place = 0;
  for (let i = 0; i < order.length; i++) {
    const smaller = order.subarray(i + 1).filter((value) => value < (order[i] as number)).length;
    place = place * (order.length - i) + smaller;
  }
  return place;
}
