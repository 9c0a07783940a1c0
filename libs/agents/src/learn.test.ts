import { createExecutor, type Executor } from "@stride/compile";
import {
  agentAlgorithmSchema,
  canonicalJson,
  type EpisodeBatch,
  type Exploration,
  type PolicyUpdate,
  type RecordedEpisode,
  readPolicy,
} from "@stride/experiment";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { initialPolicy } from "@stride/schedules";
import { taskSpecSchema } from "@stride/tasks/spec";
import { afterAll, beforeAll, expect, it } from "vitest";
import { learn } from "./learn.js";
import { runEpisodes } from "./run-episodes.js";

const environment = {
  steps: 30,
  every: 10,
  actions: { kind: "discrete", factors: [0.5, 1, 2] },
  range: { lowest: 1e-3, highest: 1e3 },
  sees: { gradients: false, bound: false },
  reward: { signal: "train", divergencePenalty: 5 },
} as const;
const work = { cohortId: "a1", studyName: "study", iteration: 0, environment };
const policy = canonicalJson(initialPolicy({ ...environment, hidden: [4], critic: true, seed: 1 }));

let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor("onnx-cpu");
});
afterAll(() => executor[Symbol.asyncDispose]());

async function lived(exploration: Exploration): Promise<RecordedEpisode[]> {
  const batch: EpisodeBatch = {
    ...work,
    kind: "episodes",
    position: 0,
    purpose: "train",
    task: taskSpecSchema.parse({ kind: "quadratic", dimension: 5 }),
    optimizer: optimizerSpecSchema.parse({ kind: "sgd" }),
    exploration,
    starts: [0, 1, 2, 3, 4, 5].map((seed) => ({ seed: seed % 2, learningRate: 0.01 })),
    policy,
  };
  const run = runEpisodes({ batch, executor });
  let turn = await run.next();
  while (!turn.done) turn = await run.next();
  return turn.value.map((episode) => ({ ...episode, iteration: 0, position: 0 }));
}

it.each([
  { algorithm: { kind: "ppo", epochs: 2, minibatch: 8 }, exploration: { kind: "policy" } },
  { algorithm: { kind: "double-dqn", updates: 5, minibatch: 8 }, exploration: { kind: "epsilon", epsilon: 1 } },
  { algorithm: { kind: "best-constant" }, exploration: { kind: "constant" } },
  { algorithm: { kind: "random" }, exploration: { kind: "policy" } },
] as const)("learns by $algorithm.kind from episodes: another policy, the same one again", async (each) => {
  const episodes = await lived(each.exploration);
  const update: PolicyUpdate = {
    ...work,
    kind: "update",
    algorithm: agentAlgorithmSchema.parse(each.algorithm),
    seed: 1,
    policy,
    ...(each.algorithm.kind === "double-dqn" ? { target: policy } : {}),
  };
  const learned = await learn({ update, episodes, executor });
  expect(learned.policy).toBe(canonicalJson(readPolicy(learned.policy)));
  expect(learned.policy).not.toBe(policy);
  expect(Object.values(learned.statistics).every(Number.isFinite)).toBe(true);
  expect(await learn({ update, episodes, executor })).toEqual(learned);
});

it("finds that doubling is the best constant factor far below the stable rates", async () => {
  const update: PolicyUpdate = { ...work, kind: "update", algorithm: { kind: "best-constant" }, seed: 1, policy };
  const { statistics } = await learn({ update, episodes: await lived({ kind: "constant" }), executor });
  expect(statistics.bestAction).toBe(2);
});
