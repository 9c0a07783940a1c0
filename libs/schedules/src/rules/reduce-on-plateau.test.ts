import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { traceSchedule } from "../trace.js";

function rates(options: object, losses: readonly number[], learningRate = 0.8): number[] {
  const spec = specOf({ kind: "reduce-on-plateau", factor: 0.5, threshold: 0, thresholdMode: "absolute", ...options });
  return traceSchedule(spec, { learningRate, steps: losses.length + 1, losses });
}

describe("reduce-on-plateau", () => {
  agreesWithReferences("reduce-on-plateau");

  it("falls at one more than `patience` losses without improvement", () => {
    expect(rates({ patience: 2 }, [5, 5, 5, 5, 4, 4, 4, 4])).toEqual([0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.4, 0.2]);
  });

  it("does not count losses right after a fall where a pause is asked for", () => {
    expect(rates({ patience: 0, pauseAfterDecrease: 2 }, [5, 5, 5, 5, 5, 5])).toEqual([
      0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2,
    ]);
  });

  it("takes a threshold as a share of the best, or as a loss", () => {
    const losses = [100, 95, 89];
    expect(rates({ patience: 0, threshold: 0.1, thresholdMode: "relative" }, losses)).toEqual([0.8, 0.8, 0.4, 0.4]);
    expect(rates({ patience: 0, threshold: 7, thresholdMode: "absolute" }, losses)).toEqual([0.8, 0.8, 0.4, 0.4]);
    expect(rates({ patience: 0, threshold: 4, thresholdMode: "absolute" }, losses)).toEqual([0.8, 0.8, 0.8, 0.8]);
  });

  it("stops at the least rate, and never rises to it", () => {
    expect(rates({ patience: 0, minLearningRate: 0.3 }, [5, 5, 5, 5])).toEqual([0.8, 0.8, 0.4, 0.3, 0.3]);
    expect(rates({ patience: 0, minLearningRate: 0.3 }, [5, 5, 5], 0.1)).toEqual([0.1, 0.1, 0.1, 0.1]);
  });

  it("makes no change of 1e-8 or less", () => {
    expect(rates({ patience: 0 }, [5, 5], 2e-8)).toEqual([2e-8, 2e-8, 2e-8]);
    expect(rates({ patience: 0 }, [5, 5], 4e-8)).toEqual([4e-8, 4e-8, 2e-8]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("counts %s as no improvement", (loss) => {
    expect(rates({ patience: 0 }, [loss, 5, loss, 4])).toEqual([0.8, 0.4, 0.4, 0.2, 0.2]);
  });
});
