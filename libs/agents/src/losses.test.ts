import { createExecutor } from "@stride/compile";
import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { randomStream } from "@stride/random";
import type { Actions, PolicyDocument } from "@stride/schedules/spec";
import { describe, expect, it } from "vitest";
import { episodeOf, testPolicy } from "../test/simulated.js";
import { decisionsOf } from "./decisions.js";
import { doubleDqnColumns, doubleDqnLoss } from "./double-dqn.js";
import { likelihoods } from "./likelihoods.js";
import { type Columns, minibatchInputs, type NetworkLoss, networkTask } from "./minibatch-descent.js";
import { layerArrays, outputs } from "./networks.js";
import { ppoColumns, ppoLoss } from "./ppo.js";

const batch = 12;
const random = randomStream({ seed: 5, purpose: "losses test" });
const normals = (step: number, count = batch) => Float64Array.from(random.normals(step, count));
const discrete: Actions = { kind: "discrete", factors: [0.5, 1, 2] };
const continuous: Actions = { kind: "continuous", most: 2 };
const weights = { clip: 0.2, entropy: 0.3, value: 0.7 };

/** Two episodes of six decisions; old probabilities are off by up to a factor of two, so that many ratios are clipped. */
function seen(policy: PolicyDocument) {
  const features = Float32Array.from(normals(0, 2 * batch));
  const actions = Float32Array.from(normals(1), (x, i) => (policy.actions.kind === "discrete" ? i % 3 : x));
  const now = likelihoods(policy, features, actions).logged;
  const shift = random.uniforms(2, batch);
  const steps = Array.from(actions, (action, i) => ({
    features: [...features.subarray(2 * i, 2 * i + 2)],
    action,
    reward: 3 * random.normal(3, i),
    logProbability: (now[i] as number) + Math.log(2) * (2 * (shift[i] as number) - 1),
  }));
  const decisions = decisionsOf([episodeOf(steps.slice(0, 6)), episodeOf(steps.slice(6))], policy);
  return { features, decisions, advantages: normals(4), returns: normals(5) };
}

/** Loss and gradient, end to end, of the whole batch through an executor. */
async function through(name: "onnx-cpu" | "tfjs-cpu", loss: NetworkLoss, columns: Columns, parameters: Float32Array[]) {
  await using executor = await createExecutor(name);
  const task = networkTask({ loss, columns, minibatch: batch });
  const optimizer = createOptimizer(optimizerSpecSchema.parse({ kind: "sgd" }));
  await using program = await executor.program({ task, optimizer, cohortSize: 1, sharedBatches: true });
  program.load([parameters]);
  const rows = () => Array.from({ length: batch }, (_, i) => i);
  const inputs = minibatchInputs({ columns, minibatch: batch, rows }, 0, 1);
  const { losses, gradients } = await program.gradients(new Int32Array(), inputs);
  return { loss: losses[0] as number, gradient: (gradients[0] ?? []).flatMap((values) => [...values]) };
}

const parametersOf = ({ actor, critic, logDeviation }: PolicyDocument) => [
  ...layerArrays(actor),
  ...layerArrays(critic ?? []),
  ...(logDeviation === undefined ? [] : [Float32Array.of(logDeviation)]),
];

/** Central differences of a loss in double precision, in the order of `parametersOf`. */
function differences(policy: PolicyDocument, loss: (policy: PolicyDocument) => number): number[] {
  const h = 1e-5;
  const count = parametersOf(policy).reduce((sum, { length }) => sum + length, 0);
  return Array.from({ length: count }, (_, i) => (loss(moved(policy, i, h)) - loss(moved(policy, i, -h))) / (2 * h));
}

/** The policy with its i-th number moved. */
function moved(policy: PolicyDocument, index: number, by: number): PolicyDocument {
  let left = index;
  const shifted = (value: number) => (left-- === 0 ? value + by : value);
  const layers = (given: PolicyDocument["actor"]) =>
    given.map(({ weights, biases }) => ({
      weights: weights.map((row) => row.map(shifted)),
      biases: biases.map(shifted),
    }));
  const { actor, critic, logDeviation } = policy;
  return {
    ...policy,
    actor: layers(actor),
    ...(critic === undefined ? {} : { critic: layers(critic) }),
    ...(logDeviation === undefined ? {} : { logDeviation: shifted(logDeviation) }),
  };
}

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function ppoReference(policy: PolicyDocument, { features, decisions, advantages, returns }: ReturnType<typeof seen>) {
  const { logged, entropies } = likelihoods(policy, features, decisions.actions);
  const values = outputs(policy.critic ?? [], features);
  const middle = meanOf(advantages);
  const deviation = Math.sqrt(meanOf(advantages.map((advantage) => (advantage - middle) ** 2)));
  const surrogate = advantages.map((advantage, t) => {
    const ratio = Math.exp((logged[t] as number) - (decisions.logProbabilities[t] as number));
    const clipped = Math.min(1.2, Math.max(0.8, ratio));
    return Math.min(ratio * (advantage - middle), clipped * (advantage - middle)) / deviation;
  });
  const errors = values.map((value, t) => (value - (returns[t] as number)) ** 2);
  return 0.7 * meanOf(errors) - meanOf(surrogate) - 0.3 * meanOf(entropies);
}

function doubleDqnReference(
  online: PolicyDocument,
  { features, decisions }: ReturnType<typeof seen>,
  { chooser, targetValues }: { readonly chooser: PolicyDocument; readonly targetValues: Float64Array },
) {
  const values = outputs(online.actor, features);
  const choices = outputs(chooser.actor, features);
  const errors = Float64Array.from(decisions.actions, (action, t) => {
    const next = [...choices.subarray(3 * t + 3, 3 * t + 6)];
    const best = next.indexOf(Math.max(...next));
    const later = decisions.last[t] === 1 ? 0 : 0.9 * (targetValues[3 * t + 3 + best] as number);
    const error = Math.abs((decisions.rewards[t] as number) + later - (values[3 * t + action] as number));
    return error <= 1 ? error ** 2 / 2 : error - 0.5;
  });
  return meanOf(errors);
}

describe("the gradient of the loss", () => {
  it.each([
    { what: "PPO with discrete actions", actions: discrete },
    { what: "PPO with continuous actions", actions: continuous },
  ])("of $what is that of its equation, on both executors", async ({ actions }) => {
    const policy = {
      ...testPolicy({ inputs: 2, hidden: [4], actions }),
      ...(actions === continuous ? { logDeviation: -0.5 } : {}),
    };
    const given = seen(policy);
    const columns = ppoColumns(actions, given.decisions, given);
    const compiled = await through("onnx-cpu", ppoLoss(weights, policy), columns, parametersOf(policy));
    const eager = await through("tfjs-cpu", ppoLoss(weights, policy), columns, parametersOf(policy));
    expectNear(compiled, {
      loss: ppoReference(policy, given),
      gradient: differences(policy, (p) => ppoReference(p, given)),
    });
    expectNear(eager, compiled);
  });

  it("of double DQN is that of its equation, on both executors", async () => {
    const policy = testPolicy({ inputs: 2, hidden: [4], actions: discrete, critic: false });
    const given = seen(policy);
    const targetValues = normals(6, 3 * batch);
    const columns = doubleDqnColumns(given.decisions, { ...given, targetValues, choices: 3, discount: 0.9 });
    const reference = (online: PolicyDocument) => doubleDqnReference(online, given, { chooser: policy, targetValues });
    const compiled = await through("onnx-cpu", doubleDqnLoss(policy), columns, parametersOf(policy));
    const eager = await through("tfjs-cpu", doubleDqnLoss(policy), columns, parametersOf(policy));
    expectNear(compiled, { loss: reference(policy), gradient: differences(policy, reference) });
    expectNear(eager, compiled);
  });
});

interface Found {
  readonly loss: number;
  readonly gradient: readonly number[];
}

/** Equal to float32's rounding; gradients here are of the order of 0.1. */
function expectNear(found: Found, expected: Found) {
  expect(found.loss).toBeCloseTo(expected.loss, 5);
  expect(found.gradient.length).toBe(expected.gradient.length);
  expect(Math.max(...expected.gradient.map(Math.abs))).toBeGreaterThan(0.05);
  found.gradient.forEach((value, i) => {
    expect(value).toBeCloseTo(expected.gradient[i] as number, 5);
  });
}

describe("a loss as a task", () => {
  it("is one object for equal shapes and constants, so that it is compiled once", () => {
    const policy = testPolicy({ inputs: 2 });
    const columns = { x: { values: new Float32Array(4) } };
    const task = (clip: number, minibatch: number) =>
      networkTask({ loss: ppoLoss({ ...weights, clip }, policy), columns, minibatch });
    expect(task(0.2, 4)).toBe(task(0.2, 4));
    expect(task(0.2, 4)).not.toBe(task(0.3, 4));
    expect(task(0.2, 4)).not.toBe(task(0.2, 2));
  });
});
