import type { Environment, Episode, TrialResult } from "@stride/experiment";
import { type DecisionInput, finiteLog, type Json, policyScheduler, type Scheduler } from "@stride/schedules";
import type { PolicyDocument } from "@stride/schedules/spec";
import type { Choice } from "./explore.js";

/**
 * The environment of a learning-rate agent: one whole training of T steps, which a window of k steps divides.
 *
 * State: what `describeFeatures` of libs/schedules lists, after each window but the last; nothing of it has a scale.
 * Action: the rate of the next windows is multiplied: by one of the factors (discrete), or by exp(log(most) · tanh(a)) (continuous). It stays
 * within the first rate times `range`, and below the stability bound where the environment clips.
 * Reward: the fall of the logarithm of the loss over the window that follows, x_n − x_{n+1}; x is the mean log training loss of a window, or the
 * logarithm of the held-out loss at its end. Rewards add up: a return is the whole fall from the first decision on. The first window has no
 * decision before it, and counts for none.
 * End: after the last window; or where a loss is not finite, with −`divergencePenalty` in place of the last reward.
 *
 * A cohort is K environments at once (run-episodes.ts).
 */
export interface EnvironmentOptions {
  readonly environment: Environment;
  readonly policy: PolicyDocument;
  /** Takes the actions. */
  readonly choose: (input: DecisionInput) => Choice;
  /** The first rate. */
  readonly learningRate: number;
}

/** One environment with an agent in it. */
export interface Played {
  /** Acts in the training, once, step by step. */
  readonly scheduler: Scheduler;
  /** What was lived, once the training is over. */
  episode(index: number, result: TrialResult): Omit<Episode, "forwardPasses">;
}

export function play({ environment, policy, choose, learningRate }: EnvironmentOptions): Played {
  const { every, steps, reward } = environment;
  const features: (readonly number[])[] = [];
  const choices: Choice[] = [];
  const rewards: number[] = [];
  let windowSum = 0;
  let before: number | undefined;

  const acting = policyScheduler(policy, {
    learningRate,
    steps,
    choose(input) {
      const choice = choose(input);
      features.push(input.features);
      choices.push(choice);
      return choice.action;
    },
  }) as Scheduler<Json>;

  return {
    scheduler: {
      init: acting.init,
      learningRate: acting.learningRate,
      update(state, observation) {
        windowSum += finiteLog(observation.trainingLoss);
        if ((observation.step + 1) % every === 0) {
          const { evaluation } = observation;
          if (reward.signal === "evaluation" && evaluation?.step !== observation.step + 1) {
            throw new Error(`there is no held-out loss after step ${observation.step}, which the reward needs`);
          }
          const now = reward.signal === "evaluation" ? finiteLog(evaluation?.loss as number) : windowSum / every;
          if (choices.length > 0 && before !== undefined) rewards.push(before - now);
          before = now;
          windowSum = 0;
        }
        return acting.update(state, observation);
      },
    },
    episode(index, { outcome, steps: taken, finalEvaluationLoss, backwardPasses, seconds }) {
      const diverged = outcome.kind === "diverged";
      if (diverged && choices.length > 0) {
        rewards.length = choices.length - 1;
        rewards.push(-reward.divergencePenalty);
      }
      return {
        index,
        decisions: choices.length,
        features: Float32Array.from(features.flat()),
        actions: Float32Array.from(choices, ({ action }) => action),
        logProbabilities: Float32Array.from(choices, ({ logProbability }) => logProbability),
        entropies: Float32Array.from(choices, (choice) => choice.entropy),
        rewards: Float32Array.from(rewards),
        diverged,
        steps: taken,
        finalEvaluationLoss,
        backwardPasses,
        seconds,
      };
    },
  };
}
