import { describe, expect, it } from "vitest";
import { moduleSpec } from "../../test/modules.js";
import { createScheduler } from "../create.js";
import { InvalidArgument } from "../invalid-argument.js";
import type { Json } from "../schedule.js";
import { decisions, describeSchedule, scheduleSpecSchema } from "../spec.js";

const options = { learningRate: 0.5, steps: 10 };
const start = (given: unknown, fields: object = {}) => {
  const spec = moduleSpec(fields);
  return createScheduler(spec, { ...options, modules: new Map([[spec.sha256, given]]) });
};

describe("a module's function of the step", () => {
  it("gets its options, the base rate and the steps, and gives the rates", () => {
    const make =
      ({ power }: { power: number }, trial: typeof options) =>
      (step: number) =>
        trial.learningRate * (1 - step / trial.steps) ** power;
    const scheduler = start(make, { options: { power: 2 } });
    const fifth = { step: 4, trainingLoss: 1 };
    let state = scheduler.init();
    expect(scheduler.learningRate(state)).toBe(0.5);
    for (let step = 0; step <= fifth.step; step++) state = scheduler.update(state, { ...fifth, step });
    // 0.5 · (1 − 5/10)²
    expect(scheduler.learningRate(state)).toBe(0.125);
  });

  it("cannot change the options of its spec", () => {
    const spec = moduleSpec({ options: { seen: 0 } });
    const make = (given: { seen: number }) => {
      given.seen += 1;
      return () => given.seen;
    };
    const scheduler = createScheduler(spec, { ...options, modules: new Map([[spec.sha256, make]]) });
    expect(scheduler.learningRate(scheduler.init())).toBe(1);
    expect(spec.options).toEqual({ seen: 0 });
  });

  it.each([-1e-9, Number.NaN, Number.POSITIVE_INFINITY, "0.1", undefined])("is refused when its rate is %s", (rate) => {
    const scheduler = start(() => () => rate);
    expect(() => scheduler.learningRate(scheduler.init())).toThrow(
      /^a learning rate must be a finite number, 0 or more: at step 0 it is /,
    );
  });
});

describe("a module's scheduler", () => {
  it("sees the training and gives the rates", () => {
    const halving = () => ({
      init: () => 1,
      update: (state: Json, { trainingLoss }: { trainingLoss: number }) =>
        trainingLoss > 1 ? Number(state) / 2 : state,
      learningRate: (state: Json) => state,
    });
    const scheduler = start(halving, { watches: "train" });
    const after = [0.5, 2, 2].reduce(
      (state, trainingLoss, step) => scheduler.update(state, { step, trainingLoss }),
      scheduler.init(),
    );
    expect(scheduler.learningRate(after)).toBe(0.25);
  });

  it.each([
    { watches: "nothing", every: 3, expected: { kind: "open-loop" } },
    { watches: "train", every: 3, expected: { kind: "closed-loop", signal: "train", every: 3, warmupSteps: 0 } },
    {
      watches: "evaluation",
      every: 1,
      expected: { kind: "closed-loop", signal: "evaluation", every: 1, warmupSteps: 0 },
    },
  ])("that watches $watches decides as it declares", ({ expected, ...fields }) => {
    expect(decisions(moduleSpec(fields))).toEqual(expected);
  });
});

it.each([
  { given: 7, says: "the default export must be a function (options, { learningRate, steps }) => schedule" },
  {
    given: () => 0.1,
    says: "the default export must return a function of the step, or { init, update, learningRate }, and returned number",
  },
  { given: () => ({ init: () => 0 }), says: "{ init, update, learningRate }, and returned object" },
  {
    given: () => ({ init: () => 0, update: () => 0, learningRate: () => 0 }),
    says: "the default export must return a function of the step, as it watches nothing",
  },
])("refuses $given", ({ given, says }) => {
  expect(() => start(given)).toThrow(InvalidArgument);
  expect(() => start(given)).toThrow(says);
});

it("refuses a spec whose module was not loaded", () => {
  expect(() => createScheduler(moduleSpec(), options)).toThrow(
    /^the text of fade\.mjs \([0-9a-f]{64}\) was not given$/,
  );
});

it("is described by its file, its hash and its options", () => {
  expect(describeSchedule(moduleSpec())).toBe("module fade-0a0a0a0a");
  expect(describeSchedule(moduleSpec({ options: { power: 2, mode: "slow" } }))).toBe(
    "module fade-0a0a0a0a (power 2, mode slow)",
  );
});

it.each([
  { fields: { path: "fade.ts" }, wrong: "path" },
  { fields: { watches: "losses" }, wrong: "watches" },
  { fields: { every: 0 }, wrong: "every" },
  { fields: { options: { text: "x".repeat(1_000) } }, wrong: "options" },
  { fields: { sha256: "0a" }, wrong: "sha256" },
])("its spec refuses $fields", ({ fields, wrong }) => {
  const parsed = scheduleSpecSchema.safeParse({ ...moduleSpec(), ...fields });
  expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual([wrong]);
});
