import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createScheduler } from "../create.js";
import { traceSchedule } from "../trace.js";

function rates(options: object, losses: readonly number[], learningRate = 0.1): number[] {
  const spec = specOf({ kind: "greedy", factor: 0.5, patience: 0, minLearningRate: 0.01, ...options });
  return traceSchedule(spec, { learningRate, steps: losses.length + 1, losses });
}

function times<Value>(count: number, value: Value): Value[] {
  return new Array<Value>(count).fill(value);
}

describe("greedy, both variants", () => {
  const variants = [
    { variant: "transformers" },
    { variant: "trend", pauseAfterIncrease: 0, pauseAfterDecrease: 0, smoothingWindow: 1 },
  ];

  describe.each(variants)("$variant without pauses", (variant) => {
    it("rises at an improvement and falls at none, with patience 0", () => {
      expect(rates(variant, [5, 4, 6, 3, 3, 2])).toEqual([0.1, 0.2, 0.4, 0.2, 0.4, 0.2, 0.4]);
    });

    it("needs one verdict more than its patience, in a row", () => {
      const losses = [9, 8, 7, 6, 5, 4, ...times(6, 10), 3];
      const expected = [0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1, 0.1];
      expect(rates({ ...variant, patience: 2 }, losses)).toEqual(expected);
    });

    it("stays within its bounds", () => {
      expect(rates({ ...variant, maxLearningRate: 0.3 }, [5, 4, 3])).toEqual([0.1, 0.2, 0.3, 0.3]);
      expect(rates({ ...variant, minLearningRate: 0.08 }, [5, 6, 7])).toEqual([0.1, 0.2, 0.1, 0.08]);
    });

    it("starts over after so many wanted decreases at the least rate", () => {
      const losses = [5, ...times(5, 9), 8, 9];
      // The fourth loss brings the least rate, the sixth the start; 8 is then better than nothing.
      expect(rates({ ...variant, minLearningRate: 0.05, resetStart: 3 }, losses)).toEqual([
        0.1, 0.2, 0.1, 0.05, 0.05, 0.1, 0.2, 0.4, 0.2,
      ]);
    });

    it("forgets the wanted decreases at an increase", () => {
      const losses = [5, 9, 9, 9, 4, 9, 9, 9, 9];
      expect(rates({ ...variant, minLearningRate: 0.1, resetStart: 4 }, losses, 0.15)).toEqual([
        0.15, 0.3, 0.15, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.15,
      ]);
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("counts %s as no improvement", (loss) => {
      expect(rates(variant, [5, loss, 4, loss, loss, 3])).toEqual([0.1, 0.2, 0.1, 0.2, 0.1, 0.05, 0.1]);
    });

    it("keeps what is not finite out of its average", () => {
      const smoothed = { ...variant, smoothingWindow: 2 };
      // Means: 4, NaN, (4 + 2) / 2 = 3, Infinity, (2 + 1) / 2 = 1.5, (1 + 9) / 2 = 5.
      const losses = [4, Number.NaN, 2, Number.POSITIVE_INFINITY, 1, 9];
      expect(rates(smoothed, losses)).toEqual([0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1]);
    });

    it("never falls from below its least rate, yet starts over", () => {
      const low = { ...variant, minLearningRate: 0.2, resetStart: 2 };
      // With three decreases wanted it has started over once: 8 then counts as better, which it does not without.
      expect(rates(low, [5, 6, 7, 8])).toEqual([0.1, 0.2, 0.2, 0.1, 0.2]);
      expect(rates({ ...low, resetStart: 500 }, [5, 6, 7, 8])).toEqual([0.1, 0.2, 0.2, 0.2, 0.2]);
    });
  });
});

describe("greedy as transformers has it", () => {
  agreesWithReferences("greedy");

  it("skips losses in a pause: they are neither counted nor remembered", () => {
    // 1 is skipped after the increase, so 4 is the best still to beat.
    expect(rates({ pauseAfterIncrease: 1 }, [5, 1, 4, 9, 3])).toEqual([0.1, 0.2, 0.2, 0.4, 0.4, 0.8]);
    expect(rates({ pauseAfterDecrease: 1 }, [5, 6, 1, 4])).toEqual([0.1, 0.2, 0.1, 0.1, 0.2]);
  });

  it("lets skipped losses into the average", () => {
    // Means 5, skipped, (5 + 1 + 6) / 3 = 4.
    expect(rates({ pauseAfterIncrease: 1, smoothingWindow: 3 }, [5, 1, 6])).toEqual([0.1, 0.2, 0.2, 0.4]);
  });
});

describe("greedy as a trend", () => {
  const trend = { variant: "trend", smoothingWindow: 1, pauseAfterIncrease: 0, pauseAfterDecrease: 0 };

  it("averages ten losses and pauses for ten unless told otherwise", () => {
    expect(specOf({ kind: "greedy", variant: "trend" })).toMatchObject({
      smoothingWindow: 10,
      pauseAfterIncrease: 10,
      pauseAfterDecrease: 10,
    });
  });

  it("holds no turn against a rise for a while, and goes on rising", () => {
    // After the rise at 5 two losses cannot bring a fall; 4 rises again and holds the two 9s after it; the third 9 falls.
    const paused = { ...trend, pauseAfterIncrease: 2 };
    expect(rates(paused, [5, 9, 4, 9, 9, 9])).toEqual([0.1, 0.2, 0.2, 0.4, 0.4, 0.4, 0.2]);
  });

  it("holds no improvement against a fall for a while, and goes on falling", () => {
    // After the fall at 6, 4 cannot bring a rise but is remembered: 5 is worse and falls on; 3 is held again, 2 as well.
    const paused = { ...trend, pauseAfterDecrease: 2 };
    expect(rates(paused, [5, 6, 4, 5, 3, 2, 1])).toEqual([0.1, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05, 0.1]);
  });

  it("keeps the losses of a pause in mind where transformers skips them", () => {
    const losses = [5, 1, 4];
    expect(rates({ ...trend, pauseAfterIncrease: 1 }, losses)).toEqual([0.1, 0.2, 0.4, 0.4]);
    expect(rates({ pauseAfterIncrease: 1 }, losses)).toEqual([0.1, 0.2, 0.2, 0.4]);
  });
});

describe("greedy's signal", () => {
  const options = { learningRate: 0.1, steps: 10 };
  const spec = (fields: object) =>
    specOf({ kind: "greedy", factor: 0.5, patience: 0, minLearningRate: 0.01, ...fields });

  it("is every `every`-th training loss", () => {
    expect(rates({ every: 3 }, [9, 9, 5, 1, 1, 4, 9, 9, 9])).toEqual([
      0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.4, 0.4, 0.4, 0.2,
    ]);
  });

  it("is every `every`-th new evaluation, and no old one", () => {
    const scheduler = createScheduler(spec({ signal: "evaluation", every: 2 }), options);
    const evaluations = [
      undefined,
      { step: 2, loss: 9 },
      { step: 2, loss: 9 },
      { step: 4, loss: 5 },
      { step: 4, loss: 5 },
    ];
    let state = scheduler.init();
    const seen = evaluations.map((evaluation, step) => {
      state = scheduler.update(state, { step, trainingLoss: 1, ...(evaluation && { evaluation }) });
      return scheduler.learningRate(state);
    });
    expect(seen).toEqual([0.1, 0.1, 0.1, 0.2, 0.2]);
  });

  it("counts an evaluation whether training looks at it or not", () => {
    const scheduler = createScheduler(spec({ signal: "train" }), options);
    const state = scheduler.update(scheduler.init(), {
      step: 0,
      trainingLoss: Number.NaN,
      evaluation: { step: 1, loss: 1 },
    });
    expect(scheduler.learningRate(state)).toBe(0.05);
  });
});
