import type { Executor } from "@stride/compile";
import { InvalidArgument, type PpoOptions, type RecordedEpisode, type UpdateStatistics } from "@stride/experiment";
import { randomStream } from "@stride/random";
import type { Actions, PolicyDocument } from "@stride/schedules/spec";
import * as tf from "@tensorflow/tfjs-core";
import { type Decisions, decisionsOf, oneHot } from "./decisions.js";
import { likelihoods } from "./likelihoods.js";
import { type Columns, descend, minibatchSize, type NetworkLoss } from "./minibatch-descent.js";
import { forwardTensors, type Layers, layerArrays, layerShapes, layersFrom, outputs } from "./networks.js";
import { normalised, renormalised } from "./normalisation.js";
import { difference, mean, meanReturn, meanSquare, variance } from "./summaries.js";

export interface PpoUpdate {
  readonly policy: PolicyDocument;
  /** Lived under `policy`, each action drawn from its distribution. */
  readonly episodes: readonly RecordedEpisode[];
  /** Of the mini-batches that are drawn. */
  readonly seed: number;
  readonly executor: Executor;
}

/** What an update tells. Means are over the iteration's decisions and of the next policy, unless they say otherwise. */
export const ppoStatistics: Readonly<Record<string, string>> = {
  episodes: "episodes learned from",
  decisions: "decisions in them",
  learningSteps: "steps of Adam",
  meanReturn: "mean over the episodes of the sum of their rewards",
  policyLoss: "the clipped surrogate's negative, with advantages normalised over all decisions; 0 before the update",
  valueLoss: "squared distance of the critic from the returns it was fitted to",
  entropy: "entropy of the policy's distribution, nats",
  approximateKl:
    "Kullback–Leibler divergence of the next policy from this one, estimated by the mean of ρ − 1 − log ρ, nats",
  clipFraction: "share of decisions with a ratio ρ outside 1 ± clip",
  explainedVariance:
    "share of the returns' variance that the critic before the update explained: 1 − Var(R − V) / Var(R)",
  deviation: "standard deviation of continuous actions before tanh",
};

/**
 * The next policy by proximal policy optimisation, clipped: Schulman et al., 2017, eq. 7 and 9 (arXiv:1707.06347). For a policy π with
 * parameters θ, decisions t = 1 … B of a mini-batch, each taken with probability π_old(aₜ|sₜ), and ρₜ = π(aₜ|sₜ) / π_old(aₜ|sₜ):
 *
 *   L(θ) = −meanₜ min(ρₜ Âₜ, clip(ρₜ, 1 − ε, 1 + ε) Âₜ) + c_V meanₜ (V(sₜ) − Rₜ)² − c_H meanₜ H(π(·|sₜ))
 *
 * Rₜ = Âₜ + V_old(sₜ) with Âₜ the generalised advantage estimate; in the first term Âₜ has its mean over the mini-batch taken off, and
 * is divided by its deviation. (Where all actions do equally well to the last digit, this magnifies the critic's errors; trainings have
 * noise enough.) Of what Andrychowicz et al., 2021 (arXiv:2006.05990) compared: separate networks with tanh, a plain square as the
 * critic's loss, normalised features.
 *
 * Continuous actions are normal and used as tanh(a). Densities are those of a itself: tanh's Jacobian is the same above and below the
 * fraction in ρ. H is the normal's entropy.
 */
export async function updatePpo(
  options: PpoOptions,
  { policy, episodes, seed, executor }: PpoUpdate,
): Promise<{ readonly policy: PolicyDocument; readonly statistics: UpdateStatistics }> {
  const decisions = decisionsOf(episodes, policy);
  const told = { episodes: episodes.length, decisions: decisions.count, meanReturn: meanReturn(episodes) };
  if (decisions.count === 0) return { policy, statistics: { ...told, learningSteps: 0 } };

  const networks = networksOf(policy);
  const features = normalised(decisions.features, policy.normalisation);
  const values = outputs(networks.critic, features);
  const advantages = generalisedAdvantages(decisions, values, options);
  const returns = advantages.map((advantage, t) => advantage + (values[t] as number));

  const minibatch = minibatchSize(options.minibatch, decisions.count);
  // Mini-batches are of one size, and what is over is left out: other decisions in each epoch.
  const stepsPerEpoch = Math.floor(decisions.count / minibatch);
  const learningSteps = options.epochs * stepsPerEpoch;
  const { parameters } = await descend({
    executor,
    loss: ppoLoss(options, policy),
    parameters: parametersOf(networks),
    columns: ppoColumns(policy.actions, decisions, { features, advantages, returns }),
    minibatch,
    rows: shuffledRows({ seed, count: decisions.count, minibatch, stepsPerEpoch }),
    steps: learningSteps,
    learningRate: options.learningRate,
  });

  const learned = networksFrom(networks, parameters);
  const statistics = {
    ...told,
    learningSteps,
    ...ratioStatistics(options, learned, { ...decisions, features, advantages }),
    valueLoss: meanSquare(difference(returns, outputs(learned.critic, features))),
    explainedVariance: variance(returns) > 0 ? 1 - variance(difference(returns, values)) / variance(returns) : 0,
    ...(learned.logDeviation === undefined ? {} : { deviation: Math.exp(learned.logDeviation) }),
  };
  return { policy: renormalised({ ...policy, ...learned }, decisions.features), statistics };
}

/**
 * Âₜ = δₜ + γ λ Âₜ₊₁ with δₜ = rₜ + γ V(sₜ₊₁) − V(sₜ), from the last decision of each episode back, `[N]`. Episodes end where
 * training does, or where it diverged: nothing follows, and V is 0 there.
 *
 * Schulman et al., "High-dimensional continuous control using generalized advantage estimation", 2016, eq. 16 (arXiv:1506.02438).
 */
export function generalisedAdvantages(
  { count, rewards, last }: Pick<Decisions, "count" | "rewards" | "last">,
  values: Float64Array,
  { discount, trace }: Pick<PpoOptions, "discount" | "trace">,
): Float64Array {
  const advantages = new Float64Array(count);
  for (let t = count - 1; t >= 0; t--) {
    const goesOn = last[t] === 1 ? 0 : discount;
    const nextValue = values[t + 1] ?? 0;
    const delta = (rewards[t] as number) + goesOn * nextValue - (values[t] as number);
    advantages[t] = delta + goesOn * trace * (advantages[t + 1] ?? 0);
  }
  return advantages;
}

/** L(θ) over parameters actor, critic and, for continuous actions, the logarithm of their deviation. */
export function ppoLoss(options: Pick<PpoOptions, "clip" | "entropy" | "value">, policy: PolicyDocument): NetworkLoss {
  const { actor, critic, logDeviation } = networksOf(policy);
  const { clip, entropy, value } = options;
  const continuous = logDeviation !== undefined;
  const criticFrom = 2 * actor.length;
  const criticTo = criticFrom + 2 * critic.length;
  return {
    key: ["ppo", clip, entropy, value, policy.actions.kind],
    parameters: [
      ...layerShapes("actor", actor),
      ...layerShapes("critic", critic),
      ...(continuous ? [{ name: "logDeviation", shape: [1] }] : []),
    ],
    loss(parameters, columns) {
      const { features, actions, logProbabilities, advantages, returns } = columns as {
        readonly [name in keyof ReturnType<typeof ppoColumns>]: tf.Tensor;
      };
      const output = forwardTensors(parameters.slice(0, criticFrom), features);
      const now = continuous
        ? normal(tf.squeeze(output, [2]), parameters[criticTo] as tf.Tensor, actions)
        : categorical(output, actions);
      const ratio = tf.exp(tf.sub(now.logProbability, logProbabilities));
      const centred = tf.sub(advantages, tf.mean(advantages, 1, true));
      const deviation = tf.sqrt(tf.mean(tf.square(centred), 1, true));
      const advantage = tf.div(centred, tf.add(deviation, guard));
      const clipped = tf.mul(tf.clipByValue(ratio, 1 - clip, 1 + clip), advantage);
      const surrogate = tf.mean(tf.minimum(tf.mul(ratio, advantage), clipped), 1);
      const values = tf.squeeze(forwardTensors(parameters.slice(criticFrom, criticTo), features), [2]);
      const valueLoss = tf.mean(tf.square(tf.sub(values, returns)), 1);
      return tf.sub(tf.sub(tf.mul(value, valueLoss), surrogate), tf.mul(entropy, now.entropy));
    },
    ...(continuous
      ? { project: (parameters) => parameters.map((p, i) => (i === criticTo ? withinDeviations(p) : p)) }
      : {}),
  };
}

/** Against a division by zero where all advantages are equal. */
const guard = 1e-8;
const logDeviations = { least: -3, greatest: 1 } as const;
const withinDeviations = (p: tf.Tensor) => tf.clipByValue(p, logDeviations.least, logDeviations.greatest);

/** Log-probabilities `[K, B]` of one-hot actions under logits `[K, B, A]`, and the mean entropy `[K]`. */
function categorical(logits: tf.Tensor, actions: tf.Tensor) {
  const all = tf.logSoftmax(logits, 2);
  return {
    logProbability: tf.sum(tf.mul(all, actions), 2),
    entropy: tf.neg(tf.mean(tf.sum(tf.mul(tf.exp(all), all), 2), 1)),
  };
}

/** Log-densities `[K, B]` of actions under means `[K, B]` and a deviation's logarithm `[K, 1]`, and the entropy `[K]`. */
function normal(means: tf.Tensor, logDeviation: tf.Tensor, actions: tf.Tensor) {
  const standard = tf.mul(tf.sub(actions, means), tf.exp(tf.neg(logDeviation)));
  return {
    logProbability: tf.sub(tf.mul(-0.5, tf.square(standard)), tf.add(logDeviation, 0.5 * Math.log(2 * Math.PI))),
    entropy: tf.squeeze(tf.add(logDeviation, 0.5 * Math.log(2 * Math.PI * Math.E)), [1]),
  };
}

/** What became of the decisions' probabilities; features are normalised. */
function ratioStatistics(
  { clip }: Pick<PpoOptions, "clip">,
  learned: Networks,
  seen: Pick<Decisions, "features" | "actions" | "logProbabilities"> & { readonly advantages: Float64Array },
) {
  const { logged, entropies } = likelihoods(learned, seen.features, seen.actions);
  const logRatios = difference(logged, seen.logProbabilities);
  const ratios = logRatios.map(Math.exp);
  const [middle, deviation] = [mean(seen.advantages), Math.sqrt(variance(seen.advantages))];
  const surrogates = ratios.map((ratio, t) => {
    const advantage = ((seen.advantages[t] as number) - middle) / (deviation + guard);
    return Math.min(ratio * advantage, Math.min(1 + clip, Math.max(1 - clip, ratio)) * advantage);
  });
  return {
    policyLoss: -mean(surrogates),
    entropy: mean(entropies),
    approximateKl: mean(logRatios.map((logRatio) => Math.expm1(logRatio) - logRatio)),
    clipFraction: mean(ratios.map((ratio) => (Math.abs(ratio - 1) > clip ? 1 : 0))),
  };
}

/** What the loss is given of each decision. */
export function ppoColumns(
  actions: Actions,
  decisions: Decisions,
  found: { readonly features: Float32Array; readonly advantages: Float64Array; readonly returns: Float64Array },
) {
  const choices = actions.kind === "discrete" ? actions.factors.length : undefined;
  return {
    features: { width: found.features.length / decisions.count, values: found.features },
    actions:
      choices === undefined
        ? { values: decisions.actions }
        : { width: choices, values: oneHot(decisions.actions, choices) },
    logProbabilities: { values: decisions.logProbabilities },
    advantages: { values: Float32Array.from(found.advantages) },
    returns: { values: Float32Array.from(found.returns) },
  } satisfies Columns;
}

/** Rows of each mini-batch: every epoch is a permutation of its own, cut into parts. */
function shuffledRows(options: {
  readonly seed: number;
  readonly count: number;
  readonly minibatch: number;
  readonly stepsPerEpoch: number;
}): (step: number) => Uint32Array {
  const { seed, count, minibatch, stepsPerEpoch } = options;
  const random = randomStream({ seed, purpose: "minibatches" });
  let epoch: { readonly number: number; readonly order: Uint32Array } = { number: -1, order: new Uint32Array() };
  return (step) => {
    const number = Math.floor(step / stepsPerEpoch);
    if (epoch.number !== number) epoch = { number, order: random.permutation(number, count) };
    const from = (step % stepsPerEpoch) * minibatch;
    return epoch.order.subarray(from, from + minibatch);
  };
}

interface Networks {
  readonly actor: Layers;
  readonly critic: Layers;
  readonly logDeviation?: number;
}

function networksOf({ actor, critic, logDeviation, actions }: PolicyDocument): Networks {
  if (critic === undefined) throw new InvalidArgument("PPO must be given a policy with a critic, got one without");
  if (actions.kind === "discrete") return { actor, critic };
  if (logDeviation === undefined) {
    throw new InvalidArgument("a policy with continuous actions must have a logDeviation, got none");
  }
  return { actor, critic, logDeviation };
}

function parametersOf({ actor, critic, logDeviation }: Networks): Float32Array[] {
  const own = logDeviation === undefined ? [] : [Float32Array.of(logDeviation)];
  return [...layerArrays(actor), ...layerArrays(critic), ...own];
}

function networksFrom({ actor, critic, logDeviation }: Networks, parameters: readonly Float32Array[]): Networks {
  const criticFrom = 2 * actor.length;
  return {
    actor: layersFrom(actor, parameters),
    critic: layersFrom(critic, parameters.slice(criticFrom)),
    ...(logDeviation === undefined ? {} : { logDeviation: parameters.at(-1)?.[0] as number }),
  };
}
