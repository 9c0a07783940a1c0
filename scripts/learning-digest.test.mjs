import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestVersion, isLearned, learningDigest } from "./learning-digest.mjs";

/** Episodes of 100 steps that took a second each, and evaluated ten times. */
const lived = (episodes, meanReturn, changes = {}) => ({
  ...{ episodes, meanReturn, divergence: 0.25, entropy: 1.5, steps: 100 * episodes },
  ...{ forwardPasses: 110 * episodes, backwardPasses: 100 * episodes, seconds: episodes },
  ...changes,
});
const row = (version, { training = null, validation = null }) => ({
  ...{ name: "tuner", version, parent: version === 0 ? null : version - 1, sha256: `hash ${version}` },
  ...{ training, validation, statistics: version === 0 ? {} : { seconds: 0.5 } },
});
const policies = [
  row(0, { training: lived(8, 0.5), validation: lived(2, 0.75, { entropy: 0 }) }),
  row(1, { training: lived(8, 1.5) }),
  row(2, { validation: lived(2, 2.123456, { divergence: 0 }) }),
];
const sweep = {
  ...{ study: "rl", policy: "tuner", seed: 7, iterations: 2, network: { hidden: [32] } },
  ...{ algorithm: { kind: "ppo", clip: 0.2 }, environment: { steps: 100, every: 10 }, optimizer: { kind: "sgd" } },
  ...{ episodes: { batches: 2, each: 4 }, validate: { every: 2, each: 2 }, initialRate: { from: 0.01, to: 1 } },
  comparison: { schedules: [] },
  tasks: { train: [{}, {}, {}], validation: [{}], test: [{}, {}] },
};
const trial = (schedule, split) => ({
  schedule,
  split,
  steps: 50,
  forwardPasses: 50,
  backwardPasses: 50,
  seconds: 0.5,
});
const comparison = {
  sweep: {
    ...{ study: "rl-comparison", steps: 50 },
    schedules: [
      { name: "learned", schedule: { kind: "policy", policy: "tuner@2" } },
      { name: "an older one", schedule: { kind: "policy", policy: "tuner@1" } },
      { name: "step", schedule: { kind: "step" } },
    ],
  },
  trials: [
    ...[trial("learned", "tuning"), trial("learned", "tuning"), trial("learned", "report")],
    ...[trial("an older one", "tuning"), trial("step", "tuning"), trial("step", "report")],
  ],
};
const digest = () => learningDigest({ sweep, policies, comparison, wallSeconds: 12, file: null });

describe("the best version", () => {
  const validated = (returns) =>
    returns.map((meanReturn, version) =>
      row(version, { validation: meanReturn === null ? null : lived(1, meanReturn) }),
    );

  it.each([
    [[1, 2, 1.5], 1],
    [[2, null, 2], 0],
    [[null, -5, -4], 2],
    [[null, null], undefined],
  ])("of mean returns %j in validation is %s: the highest, ties to the earlier", (returns, best) => {
    expect(bestVersion(validated(returns))).toBe(best);
  });

  it("has a return that none exceeds and none before it reaches", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: -3, max: 3 })), { minLength: 1 }), (returns) => {
        const best = bestVersion(validated(returns));
        const known = returns.filter((value) => value !== null);
        if (known.length === 0) return best === undefined;
        return returns[best] === Math.max(...known) && !returns.slice(0, best).includes(returns[best]);
      }),
    );
  });
});

it("has learned once the last version was validated", () => {
  expect(isLearned(policies, sweep)).toBe(true);
  expect(isLearned(policies.slice(0, 2), sweep)).toBe(false);
  expect(isLearned([...policies.slice(0, 2), row(2, {})], sweep)).toBe(false);
});

describe("learningDigest", () => {
  it("names the best version with its hash, and counts the tasks instead of listing them", () => {
    expect(digest()).toMatchObject({
      ...{ study: "rl", policy: "tuner", best: 2, sha256: "hash 2", seed: 7 },
      tasks: { train: 3, validation: 1, test: 2 },
    });
  });

  it("has a column a number, to four digits, and null where a version did not act", () => {
    expect(digest().versions).toEqual({
      version: [0, 1, 2],
      training: { return: [0.5, 1.5, null], divergence: [0.25, 0.25, null], entropy: [1.5, 1.5, null] },
      validation: { return: [0.75, null, 2.123], divergence: [0.25, null, 0], entropy: [0, null, 1.5] },
    });
  });

  it("adds up what learning cost: 16 training and 4 validation episodes and two updates of half a second", () => {
    expect(digest().cost).toEqual({
      training: { trainings: 16, steps: 1600, forwardPasses: 1760, backwardPasses: 1600, seconds: 16 },
      validation: { trainings: 4, steps: 400, forwardPasses: 440, backwardPasses: 400, seconds: 4 },
      updates: { count: 2, seconds: 1 },
    });
  });

  it("sets it beside all trials, and beside the tuning of the schedules with the best version alone", () => {
    const { comparison: compared, equals } = digest();
    expect(compared.schedules).toEqual(["learned"]);
    expect(compared.trials).toMatchObject({ trainings: 6, steps: 300, seconds: 3 });
    expect(compared.ownTuning).toMatchObject({ trainings: 2, steps: 100, seconds: 1 });
    // 2,000 steps by trainings of 50, and by 2 of them.
    expect(equals).toEqual({ trainings: 40, ownTunings: 20 });
  });

  it("has no number of tuning budgets where nothing was tuned", () => {
    const report = comparison.trials.filter(({ split }) => split === "report");
    const untuned = { ...comparison, trials: report };
    expect(learningDigest({ sweep, policies, comparison: untuned, wallSeconds: null, file: null }).equals).toEqual({
      trainings: 40,
      ownTunings: null,
    });
  });
});
