import { describe, expect, it } from "vitest";
import fixture from "../fixtures/sign-test.json" with { type: "json" };
import { signTest } from "./sign-test.js";

describe("signTest", () => {
  it.each(fixture.cases)("agrees with SciPy on $name", ({ differences, positive, negative, zeros, pValue }) => {
    const test = signTest(differences);
    expect(test).toMatchObject({ positive, negative, zeros });
    expect(test.pValue).toBeCloseTo(pValue, 12);
  });

  it("gives 2 / 2⁶ to six diverged runs of the baseline", () => {
    expect(signTest(new Array(6).fill(Number.NEGATIVE_INFINITY)).pValue).toBeCloseTo(1 / 32, 14);
  });

  it("has nothing to say about zeros", () => {
    expect(signTest([0, 0])).toEqual({ negative: 0, positive: 0, zeros: 2, pValue: 1 });
  });
});
