import type { Executor } from "@stride/compile";
import {
  type DoubleDqnOptions,
  InvalidArgument,
  type RecordedEpisode,
  type UpdateStatistics,
} from "@stride/experiment";
import { randomStream } from "@stride/random";
import type { PolicyDocument } from "@stride/schedules/spec";
import * as tf from "@tensorflow/tfjs-core";
import { type Decisions, decisionsOf, oneHot } from "./decisions.js";
import { type Columns, descend, minibatchSize, type NetworkLoss } from "./minibatch-descent.js";
import { forwardTensors, layerArrays, layerShapes, layersFrom, outputs } from "./networks.js";
import { normalised, renormalised } from "./normalisation.js";
import { mean, meanReturn } from "./summaries.js";

export interface DoubleDqnUpdate {
  readonly policy: PolicyDocument;
  /** All that are remembered, whichever policies they were lived under. */
  readonly episodes: readonly RecordedEpisode[];
  /** Of the mini-batches that are drawn. */
  readonly seed: number;
  readonly executor: Executor;
  /** Q_target; left out: the policy as it comes. */
  readonly target?: PolicyDocument;
}

/** What an update tells. */
export const doubleDqnStatistics: Readonly<Record<string, string>> = {
  episodes: "episodes learned from, of all iterations that are remembered",
  decisions: "decisions in them",
  learningSteps: "steps of Adam, each on a mini-batch of its own",
  meanReturn: "mean over the newest iteration's episodes of the sum of their rewards",
  firstLoss: "Huber's loss, mean over the first tenth of the mini-batches, before their steps",
  lastLoss: "Huber's loss, mean over the last tenth of the mini-batches, before their steps",
  actionValue: "value after the update of the action with the highest, mean over the decisions: the return it promises",
  actionGap: "by how much the best action's value is above the second best's after the update, mean over the decisions",
};

/**
 * The next policy by double Q-learning with a target network: van Hasselt, Guez & Silver, 2016, eq. 4 (arXiv:1509.06461). For
 * decisions drawn evenly from all that are remembered, each with what followed it, (s, a, r, s'):
 *
 *   y = r + γ Q_target(s', argmax_b Q(s', b)),  y = r where the episode ended;  L = mean h(y − Q(s, a))
 *
 * with h Huber's loss, x²/2 within ±1 and |x| − ½ outside, whose gradient is that of the square cut off at ±1 (Mnih et al., 2015). No
 * gradient flows through y. The policy's actor is Q, and its likeliest action the one of the highest value.
 *
 * Throws `InvalidArgument` for continuous actions.
 */
export async function updateDoubleDqn(
  options: DoubleDqnOptions,
  { policy, episodes, seed, executor, target = policy }: DoubleDqnUpdate,
): Promise<{ readonly policy: PolicyDocument; readonly statistics: UpdateStatistics }> {
  const { minibatch: wanted, discount, learningRate, updates: learningSteps } = options;
  const decisions = decisionsOf(episodes, policy);
  const newest = newestOf(episodes);
  const told = { episodes: episodes.length, decisions: decisions.count, meanReturn: meanReturn(newest) };
  const choices = choicesOf(policy);
  if (decisions.count === 0) return { policy, statistics: { ...told, learningSteps: 0 } };

  const features = normalised(decisions.features, policy.normalisation);
  // With a normalisation of its own: the target is an older policy, whole.
  const targetValues = outputs(target.actor, normalised(decisions.features, target.normalisation));
  const minibatch = minibatchSize(wanted, decisions.count);
  const random = randomStream({ seed, purpose: "minibatches" });
  const { parameters, losses } = await descend({
    executor,
    loss: doubleDqnLoss(policy),
    parameters: layerArrays(policy.actor),
    columns: doubleDqnColumns(decisions, { features, targetValues, choices, discount }),
    minibatch,
    rows: (step) => Array.from({ length: minibatch }, (_, i) => random.integer(step, i, decisions.count)),
    steps: learningSteps,
    learningRate,
  });

  const actor = layersFrom(policy.actor, parameters);
  const tenth = Math.ceil(losses.length / 10);
  const statistics = {
    ...told,
    learningSteps,
    firstLoss: mean(losses.subarray(0, tenth)),
    lastLoss: mean(losses.subarray(-tenth)),
    ...valueStatistics(outputs(actor, features), choices),
  };
  // Only what no update has seen before: the others are in the normalisation already.
  return { policy: renormalised({ ...policy, actor }, decisionsOf(newest, policy).features), statistics };
}

/** L over the parameters of Q. */
export function doubleDqnLoss({ actor }: Pick<PolicyDocument, "actor">): NetworkLoss {
  return {
    key: ["double-dqn"],
    parameters: layerShapes("actor", actor),
    loss(parameters, columns) {
      const { features, actions, rewards, nextFeatures, nextTargetValues, discounts } = columns as {
        readonly [name in keyof ReturnType<typeof doubleDqnColumns>]: tf.Tensor;
      };
      const value = tf.sum(tf.mul(forwardTensors(parameters, features), actions), 2);
      const best = highest(forwardTensors(parameters, nextFeatures));
      const goal = tf.add(rewards, tf.mul(discounts, tf.sum(tf.mul(nextTargetValues, best), 2)));
      const size = tf.abs(tf.sub(goal, value));
      const inside = tf.minimum(size, 1);
      return tf.mean(tf.add(tf.mul(0.5, tf.square(inside)), tf.sub(size, inside)), 1);
    },
  };
}

/** What the loss is given of each decision. */
export function doubleDqnColumns(
  decisions: Decisions,
  given: {
    /** Normalised for the policy, `[N, F]`. */
    readonly features: Float32Array;
    /** Of the target network, `[N, A]`. */
    readonly targetValues: Float64Array;
    /** A. */
    readonly choices: number;
    readonly discount: number;
  },
) {
  const { features, targetValues, choices, discount } = given;
  const width = features.length / decisions.count;
  return {
    features: { width, values: features },
    actions: { width: choices, values: oneHot(decisions.actions, choices) },
    rewards: { values: decisions.rewards },
    nextFeatures: { width, values: following(features, width) },
    nextTargetValues: { width: choices, values: following(Float32Array.from(targetValues), choices) },
    // Where an episode ended the next row is another episode's, and counts for nothing.
    discounts: { values: Float32Array.from(decisions.last, (last) => (last === 1 ? 0 : discount)) },
  } satisfies Columns;
}

/** Each row's next row, `[N, width]`; zeros after the last. */
function following(rows: Float32Array, width: number): Float32Array {
  const next = new Float32Array(rows.length);
  next.set(rows.subarray(width));
  return next;
}

/** One-hot, `[K, B, A]`: the first of the highest values. A choice has no gradient. */
function highest(values: tf.Tensor): tf.Tensor {
  const choose = tf.customGrad((...inputs) => {
    const [given] = inputs as unknown as [tf.Tensor];
    const positions = tf.range(0, given.shape[2] as number, 1, "int32");
    return {
      value: tf.cast(tf.equal(tf.expandDims(tf.argMax(given, 2), 2), positions), "float32"),
      gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
    };
  });
  return choose(values);
}

function choicesOf({ actions }: PolicyDocument): number {
  if (actions.kind === "discrete") return actions.factors.length;
  throw new InvalidArgument("double-dqn must be given discrete actions, got continuous");
}

function newestOf(episodes: readonly RecordedEpisode[]): readonly RecordedEpisode[] {
  const newest = episodes.reduce((latest, { iteration }) => Math.max(latest, iteration), 0);
  return episodes.filter(({ iteration }) => iteration === newest);
}

/** Of action values `[N, A]`. */
function valueStatistics(values: Float64Array, choices: number) {
  const pairs = Array.from({ length: values.length / choices }, (_, t) => {
    const [best, second] = values
      .slice(t * choices, (t + 1) * choices)
      .sort()
      .reverse();
    return { best: best as number, gap: (best as number) - (second as number) };
  });
  return { actionValue: mean(pairs.map(({ best }) => best)), actionGap: mean(pairs.map(({ gap }) => gap)) };
}
