import { expect, it } from "vitest";
import { trialOf } from "../test/cohorts.js";
import { watchOf } from "./watch-of.js";

const whole = { bound: "ray", fraction: 1, clip: false } as const;
const policy = (gradients: boolean, bound: boolean) => ({
  kind: "policy",
  policy: "a@1",
  sha256: "0".repeat(64),
  every: 10,
  sees: { gradients, bound },
});

it.each([
  { title: "nothing, where nobody asks", requests: [{}, { schedule: { kind: "greedy" } }], watch: undefined },
  {
    title: "the bound that trials are held to",
    requests: [{ stability: { bound: "block", fraction: 0.5, clip: true, start: true } }],
    watch: { stability: { bound: "block", fraction: 0.5, clip: true } },
  },
  { title: "what a policy sees", requests: [{ schedule: policy(true, false) }], watch: { gradientNorms: true } },
  {
    title: "what a policy inside of a control sees",
    requests: [{ schedule: { kind: "replay", schedule: policy(false, true) } }],
    watch: { stability: whole },
  },
  {
    title: "what any of several policies sees",
    requests: [
      { schedule: policy(true, false) },
      { schedule: policy(false, true) },
      { schedule: policy(false, false) },
    ],
    watch: { gradientNorms: true, stability: whole },
  },
  {
    title: "the bound that trials are held to where a policy sees one",
    requests: [{ schedule: policy(false, true), stability: { fraction: 0.9, clip: true } }],
    watch: { stability: { bound: "ray", fraction: 0.9, clip: true } },
  },
])("watches $title", ({ requests, watch }) => {
  expect(watchOf(requests.map(trialOf))).toEqual(watch);
});

it("adds what is asked for, but for another bound than the one that trials are held to", () => {
  const asked = { gradientNorms: true, stability: whole };
  expect(watchOf([trialOf()], asked)).toEqual(asked);
  expect(watchOf([trialOf({ stability: { bound: "block", clip: true } })], asked)).toEqual({
    gradientNorms: true,
    stability: { bound: "block", fraction: 1, clip: true },
  });
});
