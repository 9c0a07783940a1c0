import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearest } from "./nearest.js";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["abc", "abc", 0],
    ["", "abc", 3],
    ["factro", "factor", 1],
    ["stepz", "steps", 1],
    ["kitten", "sitting", 3],
  ])("from %j to %j is %i", (from, to, edits) => {
    expect(editDistance(from, to)).toBe(edits);
  });

  it("is the same in both directions, and at most the longer word", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (from, to) => {
        expect(editDistance(from, to)).toBe(editDistance(to, from));
        expect(editDistance(from, to)).toBeLessThanOrEqual(Math.max(from.length, to.length));
        expect(editDistance(from, to) === 0).toBe(from === to);
      }),
    );
  });
});

describe("nearest", () => {
  it("is the closest candidate within reach, letter case aside", () => {
    expect(nearest("learningrates", ["learningRates", "seeds"])).toBe("learningRates");
    expect(nearest("stp", ["step", "steps"])).toBe("step");
    expect(nearest("xyz", ["step", "steps"])).toBeUndefined();
    expect(nearest("step", [])).toBeUndefined();
  });
});
