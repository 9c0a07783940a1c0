import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleBatch, sampleFlow } from "../contracts/flow-samples.js";
import type { AgentWork, Environment, EpisodeBatch, Exploration, PolicyUpdate } from "./domain.js";
import { agentWorkSchema } from "./schemas.js";

const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const positive = fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true });
const unit = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
const name = fc.string({ unit: "grapheme", minLength: 1 });
const count = fc.nat();

const environment: fc.Arbitrary<Environment> = fc.record(
  {
    steps: fc.constant(100),
    every: fc.constantFrom(1, 10, 50),
    actions: fc.constantFrom<Environment["actions"]>(
      { kind: "discrete", factors: [0.5, 1, 2] },
      { kind: "continuous", most: 2 },
    ),
    range: fc.record({ lowest: positive, highest: positive }),
    sees: fc.record({ gradients: fc.boolean(), bound: fc.boolean() }),
    reward: fc.record({ signal: fc.constantFrom("train" as const, "evaluation" as const), divergencePenalty: number }),
    stability: fc.constant({ bound: "block" as const, fraction: 0.5, clip: true, start: true }),
  },
  {
    requiredKeys: ["steps", "every", "actions", "range", "sees", "reward"],
  },
);
const exploration: fc.Arbitrary<Exploration> = fc.oneof(
  fc.record({ kind: fc.constantFrom("policy" as const, "constant" as const, "none" as const) }),
  fc.record({ kind: fc.constant("epsilon" as const), epsilon: unit }),
);
const shared = { cohortId: name, studyName: name, iteration: count, environment, policy: name };
const batch: fc.Arbitrary<EpisodeBatch> = fc
  .record({
    ...shared,
    position: count,
    purpose: fc.constantFrom("train" as const, "validation" as const),
    exploration,
    starts: fc.array(fc.record({ seed: count, learningRate: positive }), { minLength: 1, maxLength: 5 }),
  })
  .map((given) => ({ ...sampleBatch(), ...given }));
const { target: _, ...updateWithoutTarget } = sampleFlow().update;
const update: fc.Arbitrary<PolicyUpdate> = fc
  .record({ ...shared, seed: count, target: name }, { requiredKeys: ["cohortId", "studyName", "iteration", "policy"] })
  .map((given) => ({ ...updateWithoutTarget, ...given }));

describe("agentWorkSchema", () => {
  it("gives work back unchanged after a trip through JSON", () => {
    fc.assert(
      fc.property(fc.oneof<fc.Arbitrary<AgentWork>[]>(batch, update), (work) => {
        expect(agentWorkSchema.parse(JSON.parse(JSON.stringify(work)))).toEqual(work);
      }),
    );
  });

  const episodes = sampleBatch();
  const { environment: sample } = episodes;
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["an unknown kind", { ...episodes, kind: "rollouts" }],
    ["an unknown key", { ...episodes, password: "x" }],
    ["a policy that is no text", { ...episodes, policy: {} }],
    ["no episode", { ...episodes, starts: [] }],
    ["a rate lost to JSON", { ...episodes, starts: [{ seed: 1, learningRate: null }] }],
    ["half an iteration", { ...episodes, iteration: 0.5 }],
    ["a single decision", { ...episodes, environment: { ...sample, steps: 10 } }],
    ["steps between two decisions at the end", { ...episodes, environment: { ...sample, steps: 45 } }],
    ["a chance above 1", { ...episodes, exploration: { kind: "epsilon", epsilon: 1.1 } }],
    ["an update by no algorithm", { ...sampleFlow().update, algorithm: { kind: "sarsa" } }],
  ])("refuses %s", (_, value) => {
    expect(agentWorkSchema.safeParse(value).success).toBe(false);
  });
});
