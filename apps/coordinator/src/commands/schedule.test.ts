import { gradientRuleKinds } from "@stride/optimizers/spec";
import { scheduleKinds } from "@stride/schedules/spec";
import { describe, expect, it } from "vitest";
import { strideHome } from "../../test/stride.js";
import { picture } from "../rule-pictures.js";
import { parseLosses, parseScheduleSpec } from "./schedule.js";

describe("losses to replay", () => {
  it.each([
    { text: "1\n0.5\n2e-3\n", losses: [1, 0.5, 0.002] },
    { text: "[1, 0.5]", losses: [1, 0.5] },
    { text: "1, nan, Infinity -inf", losses: [1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] },
    { text: "\n", losses: [] },
  ])("$text", ({ text, losses }) => expect(parseLosses(text, "f")).toEqual(losses));

  it.each([
    { text: "1\ntwo", says: 'f: entry 1 must be a number, got "two"' },
    { text: '[1, "2"]', says: 'f: entry 1 must be a number, got "2"' },
    { text: "[1,", says: "f is not a JSON array of numbers" },
  ])("$text is refused", ({ text, says }) => expect(() => parseLosses(text, "f")).toThrow(says));
});

describe("the picture of a rule", () => {
  // A user's module and a policy are nothing without their texts; schedule-free averages iterates in place of moving a rate.
  const pictured = scheduleKinds.filter(({ kind }) => !["constant", "module", "policy"].includes(kind));
  const moving = gradientRuleKinds.filter(({ kind }) => kind !== "schedule-free");
  it.each([...pictured, ...moving])("of $kind shows it move", async (kind) => {
    const [title, ...rows] = (await picture(kind))?.split("\n") ?? [];
    expect(title).toMatch(new RegExp(`^${kind.kind}.*100 steps from the base rate 0.1`));
    expect(rows).toHaveLength(8);
    const drawn = rows.map((row) => row.split("│")[1]?.padEnd(64));
    expect(drawn.some((row) => new Set(row).size > 1)).toBe(true);
  });

  it("is left out where there is none", async () => {
    expect(await picture({ kind: "module" })).toBeUndefined();
    expect(await picture({ kind: "policy" })).toBeUndefined();
    expect(await picture({ kind: "replay" })).toBeUndefined();
  });
});

it("reads a spec as a sweep file has it, its name left out", () => {
  expect(parseScheduleSpec("{ name: slow, kind: step, every: 10 }")).toMatchObject({ kind: "step", every: 10 });
  expect(() => parseScheduleSpec("{ kind: cosine, zig: 1 }")).toThrow(/zig/);
  expect(() => parseScheduleSpec("{ kind: ")).toThrow("--schedule is not YAML");
  expect(() => parseScheduleSpec("{ kind: module, path: a.mjs }")).toThrow("--schedule cannot be a module");
  expect(() => parseScheduleSpec("{ kind: policy, policy: tuner@1 }")).toThrow("--schedule cannot be a policy");
});

it("traces N losses to N + 1 rates, the first of them before any loss", async () => {
  await using stride = await strideHome();
  await stride.write("losses.txt", "5\n4\n6\n3\n3\n2\n");
  const spec = "{ kind: greedy, factor: 0.5, patience: 0, minLearningRate: 0.01, maxLearningRate: 1 }";
  const args = ["--schedule", spec, "--learning-rate", "0.1", "--steps", "6", "--losses", "losses.txt", "--json"];
  // The trace that transformers' own GreedyLR gives.
  expect(await stride.json("schedule", "trace", ...args)).toEqual({
    learningRates: [0.1, 0.2, 0.4, 0.2, 0.4, 0.2, 0.4],
  });
});

it("traces an open-loop rule over its horizon", async () => {
  await using stride = await strideHome();
  const args = ["--schedule", "{ kind: linear }", "--learning-rate", "1", "--steps", "4", "--json"];
  expect(await stride.json("schedule", "trace", ...args)).toEqual({ learningRates: [1, 0.75, 0.5, 0.25] });
});
