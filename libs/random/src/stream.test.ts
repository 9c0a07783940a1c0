import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream, type Stream } from "./stream.js";

const cases = JSON.parse(readFileSync(new URL("../fixtures/streams.json", import.meta.url), "utf8")) as Expected[];
const largest = Number.MAX_SAFE_INTEGER;
const seeds = fc.nat({ max: largest });
const places = fc.nat({ max: largest });
const counts = fc.nat({ max: 20 });
const streams = fc.record({ seed: seeds, purpose: fc.string() });

/** As fixtures/make.py writes it. */
interface Expected {
  readonly seed: number;
  readonly purpose: string;
  readonly step: number;
  readonly index: number;
  readonly uniform: number;
  readonly normal: number;
  readonly integers: readonly { readonly below: number; readonly value: number }[];
  readonly uniforms: readonly number[];
  readonly normals: readonly number[];
  readonly permutation: readonly number[];
}

describe("randomStream", () => {
  // Pins the numbers, too: stored results can be computed again only while they never change.
  it.each(cases)("gives what a second implementation gives for $purpose, seed $seed", (expected) => {
    const { seed, purpose, step, index } = expected;
    const stream = randomStream({ seed, purpose });
    expect(stream.uniform(step, index)).toBe(expected.uniform);
    expect([...stream.uniforms(step, expected.uniforms.length)]).toEqual(expected.uniforms);
    expect([...stream.permutation(step, expected.permutation.length)]).toEqual(expected.permutation);
    for (const { below, value } of expected.integers) expect(stream.integer(step, index, below)).toBe(value);
    expect(Math.abs(stream.normal(step, index) - expected.normal)).toBeLessThan(2e-15);
    for (const [i, normal] of stream.normals(step, expected.normals.length).entries()) {
      expect(Math.abs(normal - (expected.normals[i] as number))).toBeLessThan(2e-15);
    }
  });

  it("gives in bulk what it gives one by one", () => {
    fc.assert(
      fc.property(streams, places, counts, (options, step, count) => {
        const stream = randomStream(options);
        const indices = Array.from({ length: count }, (_, i) => i);
        expect([...stream.uniforms(step, count)]).toEqual(indices.map((index) => stream.uniform(step, index)));
        expect([...stream.normals(step, count)]).toEqual(indices.map((index) => stream.normal(step, index)));
      }),
    );
  });

  it("forgets what it was asked before", () => {
    fc.assert(
      fc.property(streams, places, places, (options, step, index) => {
        const used = randomStream(options);
        used.permutation(index, 7);
        used.normals(step, 5);
        used.integer(step, index, 3);
        expect(everyKind(used, step, index)).toEqual(everyKind(randomStream(options), step, index));
      }),
    );
  });

  it("gives shorter bulks as the beginning of longer ones", () => {
    fc.assert(
      fc.property(streams, places, counts, counts, (options, step, a, b) => {
        const stream = randomStream(options);
        const [short, long] = [Math.min(a, b), Math.max(a, b)];
        expect(stream.uniforms(step, long).slice(0, short)).toEqual(stream.uniforms(step, short));
        expect(stream.normals(step, long).slice(0, short)).toEqual(stream.normals(step, short));
      }),
    );
  });

  it("stays within the ranges it promises", () => {
    fc.assert(
      fc.property(streams, places, places, fc.integer({ min: 1, max: largest }), (options, step, index, below) => {
        const stream = randomStream(options);
        const uniform = stream.uniform(step, index);
        expect(uniform).toBeGreaterThanOrEqual(0);
        expect(uniform).toBeLessThan(1);
        expect(Number.isInteger(uniform * 2 ** 53)).toBe(true);
        expect(Math.abs(stream.normal(step, index))).toBeLessThan(8.6);
        const integer = stream.integer(step, index, below);
        expect(Number.isInteger(integer)).toBe(true);
        expect(integer).toBeGreaterThanOrEqual(0);
        expect(integer).toBeLessThan(below);
      }),
    );
  });

  it("permutes: every number from 0 on, once", () => {
    fc.assert(
      fc.property(streams, places, fc.nat({ max: 200 }), (options, step, length) => {
        const order = randomStream(options).permutation(step, length);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
  });

  it("tells apart every bit of seed, step and index, and every purpose", () => {
    const at = (seed: number, purpose: string, step: number, index: number) =>
      randomStream({ seed, purpose }).uniform(step, index);
    const powers = Array.from({ length: 53 }, (_, bit) => 2 ** bit);
    const purposes = [
      "",
      "\0",
      "\0\0",
      "a",
      "b",
      "a\0",
      "aaaa",
      "aaaaa",
      "aaaab",
      "aaaa\0\0\0\0",
      "é",
      "data-order",
      "data-ordes",
    ];
    const values = [
      at(0, "x", 0, 0),
      ...powers.flatMap((power) => [at(power, "x", 0, 0), at(0, "x", power, 0), at(0, "x", 0, power)]),
      ...purposes.map((purpose) => at(0, purpose, 0, 0)),
    ];
    expect(new Set(values).size).toBe(values.length);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuses the seed %s", (seed) => {
    expect(() => randomStream({ seed, purpose: "x" })).toThrow(
      new RangeError(`seed must be an integer from 0 to ${largest}, got ${seed}`),
    );
  });

  const stream = randomStream({ seed: 1, purpose: "x" });
  it.each<{ name: string; call: () => unknown }>([
    { name: "step", call: () => stream.uniform(-1, 0) },
    { name: "index", call: () => stream.uniform(0, 0.5) },
    { name: "step", call: () => stream.normal(Number.NaN, 0) },
    { name: "index", call: () => stream.normal(0, 2 ** 53) },
    { name: "step", call: () => stream.integer(-1, 0, 2) },
    { name: "below", call: () => stream.integer(0, 0, 0) },
    { name: "below", call: () => stream.integer(0, 0, 2 ** 53) },
    { name: "step", call: () => stream.uniforms(0.5, 1) },
    { name: "count", call: () => stream.uniforms(0, -1) },
    { name: "count", call: () => stream.normals(0, 1.5) },
    { name: "step", call: () => stream.permutation(-1, 2) },
    { name: "length", call: () => stream.permutation(0, 2 ** 32) },
  ])("names the bad argument $name", ({ name, call }) => {
    expect(call).toThrow(RangeError);
    expect(call).toThrow(`${name} must be an integer from`);
  });
});

function everyKind(stream: Stream, step: number, index: number) {
  return [
    stream.uniform(step, index),
    stream.normal(step, index),
    stream.integer(step, index, 1000),
    stream.uniforms(step, 3),
    stream.normals(step, 3),
    stream.permutation(step, 5),
  ];
}
