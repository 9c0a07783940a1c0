import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { broadcastShape, cast, concat, expand, matMul, reduce, reshape, slice } from "./build.js";
import { constant, input, operation } from "./node.js";

const x = input("x", "float32", [2, 3]);

describe("shapes broadcast", () => {
  it.each([
    { shapes: [[2, 3], [3]], to: [2, 3] },
    {
      shapes: [
        [2, 1],
        [1, 3],
      ],
      to: [2, 3],
    },
    { shapes: [[], [2]], to: [2] },
    { shapes: [[4, 1, 1], [2, 1], [3]], to: [4, 2, 3] },
    { shapes: [[1], [0]], to: [0] },
  ])("$shapes to $to", ({ shapes, to }) => expect(broadcastShape(...shapes)).toEqual(to));

  it("whichever comes first, and not at all where two extents differ", () => {
    const shape = fc.array(fc.constantFrom(1, 2, 3), { maxLength: 4 });
    const attempt = (...shapes: number[][]) => {
      try {
        return broadcastShape(...shapes);
      } catch (error) {
        return String(error).includes("do not broadcast");
      }
    };
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        expect(attempt(a, b)).toEqual(attempt(b, a));
      }),
    );
    expect(() => broadcastShape([2, 3], [2])).toThrow("shapes [2,3] and [2] do not broadcast");
  });
});

describe("nodes", () => {
  it("that would change nothing are not made", () => {
    expect(reshape(x, [2, 3])).toBe(x);
    expect(expand(x, [2, 3])).toBe(x);
    expect(cast(x, "float32")).toBe(x);
    expect(slice(x, [0, 0], [2, 3])).toBe(x);
    expect(concat([x], 0)).toBe(x);
    expect(reduce("ReduceMax", x, [], true)).toBe(x);
  });

  it.each([
    { made: matMul(input("a", "float32", [4, 1, 2, 3]), input("b", "float32", [5, 3, 7])), shape: [4, 5, 2, 7] },
    { made: reduce("ReduceSum", x, [1], true), shape: [2, 1] },
    { made: reduce("ReduceMean", x, [0, 1], false), shape: [] },
    { made: concat([x, x, x], 1), shape: [2, 9] },
    { made: slice(x, [1, 0], [1, 2]), shape: [1, 2] },
    { made: operation("Neg", [x], { shape: x.shape }), shape: [2, 3] },
  ])("$made.operator makes [$shape]", ({ made, shape }) => expect(made.shape).toEqual(shape));

  it("that cannot be are refused", () => {
    expect(() => matMul(x, x)).toThrow("cannot multiply [2,3] and [2,3]");
    expect(() => constant(new Float32Array(5), "float32", [2, 3])).toThrow("5 values do not fill [2,3]");
  });
});
