import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";

describe("constant", () => {
  agreesWithReferences("constant");

  it.each([0, 1, 1_000_000])("is the base rate at step %i", (step) => {
    expect(createSchedule(specOf({ kind: "constant" }), { learningRate: 0.3, steps: 10 })(step)).toBe(0.3);
  });
});
