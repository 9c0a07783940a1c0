import { describe, expect, it } from "vitest";
import { createState } from "./state.js";

const values = (tensors: readonly { data: unknown }[]) => tensors.map(({ data }) => [...(data as Float32Array)]);

describe("the state of a cohort", () => {
  it("is what was loaded, and zero in the slots", () => {
    const state = createState([[2], [1, 2]]);
    state.load([Float32Array.of(1, 2)]);
    expect(values(state.current())).toEqual([
      [1, 2],
      [0, 0],
    ]);
  });

  it("becomes what was written, and gives its arrays for the next writing", () => {
    const state = createState([[1]]);
    state.load([Float32Array.of(1)]);
    const [first, second] = [state.current(), state.next()];
    (second[0]?.data as Float32Array)[0] = 2;
    state.advance();
    expect([state.current(), state.next()]).toEqual([second, first]);
    expect(values(state.current())).toEqual([[2]]);
  });

  it("copies what it is given", () => {
    const given = Float32Array.of(1);
    const state = createState([[1]]);
    state.load([given]);
    given[0] = 5;
    expect(values(state.current())).toEqual([[1]]);
  });

  it("is not there before it is loaded, nor after it is cleared", () => {
    const state = createState([[1]]);
    expect(() => state.current()).toThrow("load() parameters");
    state.load([Float32Array.of(1)]);
    state.clear();
    expect(() => state.next()).toThrow("load() parameters");
  });
});
