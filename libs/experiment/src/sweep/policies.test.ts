import { initialPolicy } from "@stride/schedules";
import type { PolicyDocument } from "@stride/schedules/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../canonical-json.js";
import { InvalidArgument, InvalidSweepFile } from "../errors.js";
import { withModules } from "../module-sources.js";
import { planTrials } from "../plan.js";
import { planCohorts } from "../plan-cohorts.js";
import { parseSweep } from "../sweep.js";
import { fillModulesIn, moduleHash, moduleLimits, moduleReferences, moduleTexts } from "./modules.js";
import { canonicalPolicy, isPolicyReference, placeholderPolicy, readPolicy, storedPolicy } from "./policies.js";

/** Eleven features (nine, and two of gradients), one hidden unit, two actions. */
const policy = initialPolicy({
  every: 20,
  sees: { gradients: true, bound: false },
  actions: { kind: "discrete", factors: [0.5, 2] },
  range: { lowest: 0.01, highest: 100 },
  hidden: [1],
  critic: false,
  seed: 1,
});
const [first] = policy.actor as [PolicyDocument["actor"][number]];
const continuous = { actions: { kind: "continuous" }, actor: [first] };
const text = `study: learned
tasks: [{ kind: quadratic }]
schedules:
  - { kind: constant }
  - { kind: policy, policy: tuner@3 }
  - { name: mine, kind: policy, policy: ../policies/mine.json }
learningRates: [0.1]
seeds: { tuning: 0, report: 1 }
steps: 100
`;
const canonical = canonicalJson(policy);
const modules = { sources: { "tuner@3": canonical, "../policies/mine.json": canonical }, costs: {} };

const sweepOf = (...references: string[]) => ({
  schedules: references.map((reference) => ({ kind: "policy", policy: reference })),
});

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidArgument || error instanceof InvalidSweepFile) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a reference to a policy", () => {
  it.each([
    ["tuner@0", { name: "tuner", version: 0 }],
    ["lr.tuner-2_b@120", { name: "lr.tuner-2_b", version: 120 }],
    ["tuner@03", undefined],
    ["tuner", undefined],
    ["Tuner@3", undefined],
    ["tuner@-1", undefined],
    ["./tuner@3", undefined],
  ])("%s names %o in the database", (reference, expected) => {
    expect(storedPolicy(reference)).toEqual(expected);
  });

  it("is a version or a file, and never a module's path", () => {
    expect(["tuner@3", "a/b.json", "tuner@3.json"].map(isPolicyReference)).toEqual([true, true, true]);
    expect(["tuner", "a.mjs", "a.js", "a.json.js"].map(isPolicyReference)).toEqual([false, false, false, false]);
  });
});

describe("a policy's text", () => {
  it("means the same however it is printed", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }),
        fc.shuffledSubarray(Object.entries(policy), { minLength: 8 }),
        (indent, entries) => {
          const printed = JSON.stringify(Object.fromEntries(entries), null, indent);
          expect(canonicalPolicy(printed)).toBe(canonical);
        },
      ),
    );
  });

  it("has its defaults written out", () => {
    const short = JSON.stringify({ ...policy, ...continuous });
    expect(readPolicy(short).actions).toEqual({ kind: "continuous", most: 2 });
    expect(canonicalPolicy(short)).toContain('"actions":{"kind":"continuous","most":2}');
  });

  it.each([
    ["no JSON", "{", /^it is not JSON: /],
    ["a field of another type", { ...policy, every: "20" }, /^every: /],
    ["a field it has not", { ...policy, colour: "red" }, /colour/],
    ["a number that is none", canonical.replace("[0.5", "[null"), /^actions\.factors\[0\]: /],
    [
      "features it does not see",
      { ...policy, sees: { gradients: false, bound: false } },
      "normalisation.mean: must have 9 features, got 11 (and 2 more)",
    ],
    [
      "layers that do not follow",
      {
        ...policy,
        actor: [
          first,
          {
            weights: [
              [1, 1],
              [1, 1],
            ],
            biases: [0, 0],
          },
        ],
      },
      "actor[1].weights: must have 1 row, got 2",
    ],
    [
      "a row that is too short",
      { ...policy, actor: [first, { weights: [[1]], biases: [0, 0] }] },
      "actor[1].weights[0]: must have 2 numbers, got 1",
    ],
    [
      "another number of actions",
      { ...policy, actions: { kind: "discrete", factors: [0.5, 1, 2] } },
      "actor[1].biases: must have 3 numbers, got 2",
    ],
    ["a critic of two values", { ...policy, critic: policy.actor }, "critic[1].biases: must have 1 number, got 2"],
    [
      "an empty range",
      { ...policy, range: { lowest: 2, highest: 1 } },
      "range.lowest: must not be above range.highest",
    ],
  ])("is refused with %s", (_, given, says) => {
    const message = refusal(() => readPolicy(typeof given === "string" ? given : JSON.stringify(given)));
    if (typeof says === "string") expect(message).toBe(says);
    else expect(message).toMatch(says);
  });
});

describe("a sweep with policies", () => {
  it("finds them with their places, also in a control, and not among tasks", () => {
    const controlled = text
      .replace("{ kind: constant }", "{ kind: reseeded, schedule: { kind: policy, policy: tuner@4 } }")
      .replace("[{ kind: quadratic }]", "[{ kind: policy, policy: tuner@5 }]");
    expect(
      moduleReferences(controlled).map(({ kind, list, index, path, place }) => [kind, list, index, path, place.path]),
    ).toEqual([
      ["policy", "schedules", 0, "tuner@4", "schedules[0].schedule.policy"],
      ["policy", "schedules", 1, "tuner@3", "schedules[1].policy"],
      ["policy", "schedules", 2, "../policies/mine.json", "schedules[2].policy"],
    ]);
    expect(moduleReferences(text)[0]?.place).toEqual({ line: 5, column: 29, path: "schedules[1].policy" });
  });

  it("freezes them: their hashes, how often they decide and what they see stand in their specs", () => {
    const spec = { kind: "policy", sha256: moduleHash(canonical), every: 20, sees: { gradients: true, bound: false } };
    const { value, issues } = fillModulesIn(sweepOf("tuner@3", "../policies/mine.json"), modules);
    expect(issues).toEqual([]);
    expect(value).toEqual({
      schedules: [
        { ...spec, policy: "tuner@3" },
        { ...spec, policy: "mine.json" },
      ],
    });
  });

  it.each([
    [
      "a name alone",
      "tuner",
      modules.sources,
      /^must be NAME@VERSION .* or a path that ends with \.json .*, got "tuner"$/,
    ],
    [
      "a text that was not given",
      "tuner@4",
      modules.sources,
      "the text of the policy tuner@4 was not given with the sweep",
    ],
    ["a text that is none", "a.json", { "a.json": "[]" }, /^a\.json is no policy: /],
    [
      "a text that is too long",
      "a.json",
      { "a.json": " ".repeat(moduleLimits.bytesOfPolicy + 1) },
      "must name a policy of at most 1048576 bytes, got 1048577",
    ],
  ])("refuses %s with its place", (_, reference, sources, says) => {
    const { issues } = fillModulesIn(sweepOf(reference), { sources, costs: {} });
    expect(issues).toEqual([
      { path: ["schedules", 0, "policy"], message: typeof says === "string" ? says : expect.stringMatching(says) },
    ]);
  });

  it("finds itself what they decide after", () => {
    const { issues } = fillModulesIn({ schedules: [{ kind: "policy", policy: "tuner@3", every: 5 }] }, modules);
    expect(issues).toEqual([{ path: ["schedules", 0, "every"], message: "is no key here: Stride finds it" }]);
  });

  it("can be planned with a placeholder, which is a policy", () => {
    const { issues } = fillModulesIn(sweepOf("tuner@3"), { sources: { "tuner@3": placeholderPolicy }, costs: {} });
    expect(issues).toEqual([]);
    expect(canonicalPolicy(placeholderPolicy)).toBe(placeholderPolicy);
  });

  it("is parsed, by the name of the file alone, and in the ids of trials by what the policy is", () => {
    const { schedules } = parseSweep(text, { modules });
    expect(schedules.map(({ name, schedule }) => [name, schedule.kind])).toEqual([
      ["constant", "constant"],
      ["policy", "policy"],
      ["mine", "policy"],
    ]);
    expect(schedules[2]?.schedule).toMatchObject({ policy: "mine.json", sha256: moduleHash(canonical), every: 20 });
    const ids = (sources: Readonly<Record<string, string>>) =>
      planTrials(parseSweep(text, { modules: { sources, costs: {} } })).map(({ trialId }) => trialId);
    const before = ids(modules.sources);
    expect(ids({ ...modules.sources, "tuner@3": JSON.stringify(policy, null, 2) })).toEqual(before);
    const other = ids({ ...modules.sources, "tuner@3": canonicalJson({ ...policy, selection: "sample" }) });
    expect(other.map((id) => before.includes(id))).toEqual([true, false, true]);
  });

  it("sends each text with the cohorts whose specs name it", () => {
    const { study, ...sweep } = parseSweep(text, { modules });
    const cohorts = planCohorts(study, planTrials({ study, ...sweep })).map((cohort) =>
      withModules(cohort, moduleTexts(modules)),
    );
    const policies = cohorts.filter(({ trials }) => trials.some(({ schedule }) => schedule.kind === "policy"));
    expect(policies.length).toBeGreaterThan(0);
    for (const cohort of policies) expect(cohort.modules).toEqual({ [moduleHash(canonical)]: canonical });
  });

  it("gives their texts by the hashes that specs name", () => {
    const pretty = { ...modules, sources: { ...modules.sources, "tuner@3": JSON.stringify(policy, null, 2) } };
    expect([...moduleTexts(pretty)]).toEqual([[moduleHash(canonical), canonical]]);
  });
});
