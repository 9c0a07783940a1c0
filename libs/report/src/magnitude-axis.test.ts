import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { magnitudeAxis } from "./magnitude-axis.js";

describe("magnitudeAxis", () => {
  it.each([
    { what: "five decades", values: [1e-4, 10], ticks: [1e-4, 1e-3, 0.01, 0.1, 1, 10] },
    { what: "one decade", values: [1, 10], ticks: [1, 3, 10] },
    { what: "half a decade", values: [2, 6], ticks: [2, 4, 6] },
    { what: "a tenth", values: [0.6, 0.65], ticks: [0.6, 0.62, 0.64] },
    { what: "no value at all", values: [null, Number.NaN], ticks: [0.1, 1, 10] },
  ])("is logarithmic over $what, with round ticks", ({ values, ticks }) => {
    const { scale, axis } = magnitudeAxis(values);
    expect(scale.type).toBe("log");
    expect(axis.values).toEqual(ticks);
  });

  it("is linear about 0 where a value is 0 or negative, and logarithmic beyond the least magnitude", () => {
    expect(magnitudeAxis([0.01, 0, -0.1]).scale).toMatchObject({
      type: "symlog",
      domain: [-0.1, 0.01],
      constant: 0.01,
    });
    expect(magnitudeAxis([0.001, 0, 0.1]).axis.values).toEqual([0, 0.001, 0.01, 0.1]);
    expect(magnitudeAxis([-0.01, -1]).axis.values).toEqual([-1, -0.1, -0.01, 0]);
  });

  it("gives ascending ticks within a domain that holds every value, whatever the values", () => {
    const value = fc.oneof(fc.double({ min: -1e12, max: 1e12, noNaN: true }), fc.constant(null), fc.constant(0));
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const { scale, axis } = magnitudeAxis(values);
        const [from, to] = scale.domain;
        expect(from).toBeLessThan(to);
        for (const each of values)
          if (each !== null) expect((each >= from && each <= to) || Math.abs(each) < 1e-300).toBe(true);
        expect(axis.values.length).toBeGreaterThanOrEqual(1);
        for (const [place, tick] of axis.values.entries()) {
          expect(Number.isFinite(tick)).toBe(true);
          if (place > 0) expect(tick).toBeGreaterThan(axis.values[place - 1] as number);
        }
      }),
    );
  });
});
