import { expect, it } from "vitest";
import { optimizerKinds, optimizerLabel, optimizerSpecSchema } from "./spec.js";

it.each([
  { given: { kind: "sgd" }, parsed: { kind: "sgd", momentum: 0, nesterov: false, weightDecay: 0 }, label: "sgd" },
  {
    given: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
    parsed: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
    label: "sgd-momentum0.9-nesterov-decay0.0001",
  },
  { given: { kind: "adam" }, parsed: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, label: "adam" },
  {
    given: { kind: "adam", beta1: 0.8, epsilon: 1e-6 },
    parsed: { kind: "adam", beta1: 0.8, beta2: 0.999, epsilon: 1e-6 },
    label: "adam-beta1=0.8-eps0.000001",
  },
  {
    given: { kind: "adamw", weightDecay: 0 },
    parsed: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    label: "adamw-decay0",
  },
])("fills in $label", ({ given, parsed, label }) => {
  const spec = optimizerSpecSchema.parse(given);
  expect(spec).toEqual(parsed);
  expect(optimizerLabel(spec)).toBe(label);
});

it.each([
  { what: "an unknown kind", given: { kind: "lion" }, path: ["kind"] },
  { what: "a momentum of 1", given: { kind: "sgd", momentum: 1 }, path: ["momentum"] },
  { what: "a negative decay", given: { kind: "sgd", weightDecay: -0.1 }, path: ["weightDecay"] },
  { what: "Nesterov without momentum", given: { kind: "sgd", nesterov: true }, path: ["nesterov"] },
  { what: "a zero epsilon", given: { kind: "adam", epsilon: 0 }, path: ["epsilon"] },
  { what: "an unknown option", given: { kind: "adam", weightDecay: 0.1 }, path: [] },
])("refuses $what", ({ given, path }) => {
  const issues = optimizerSpecSchema.safeParse(given).error?.issues;
  expect(issues?.map((issue) => issue.path)).toEqual([path]);
});

it("lists every option with its default", () => {
  expect(optimizerKinds.map(({ kind, parameters }) => [kind, parameters.map((each) => each.default)])).toEqual([
    ["sgd", [0, false, 0]],
    ["adam", [0.9, 0.999, 1e-8]],
    ["adamw", [0.9, 0.999, 1e-8, 0.01]],
  ]);
  for (const { parameters } of optimizerKinds) for (const each of parameters) expect(each.description).not.toBe("");
});
