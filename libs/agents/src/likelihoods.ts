import type { PolicyDocument } from "@stride/schedules/spec";
import { outputs } from "./networks.js";

/**
 * Logarithm of each action's probability (of a's density before tanh, where actions are continuous) and entropy of what it was drawn
 * from, `[N]` each, under a policy with these numbers; features are normalised, `[N, F]`.
 */
export function likelihoods(
  { actor, logDeviation }: Pick<PolicyDocument, "actor" | "logDeviation">,
  features: Float32Array,
  actions: Float32Array,
): { readonly logProbabilities: Float64Array; readonly entropies: Float64Array } {
  const said = outputs(actor, features);
  const logProbabilities = new Float64Array(actions.length);
  const entropies = new Float64Array(actions.length);
  const width = said.length / actions.length;
  actions.forEach((action, t) => {
    if (logDeviation !== undefined) {
      const standard = (action - (said[t] as number)) * Math.exp(-logDeviation);
      logProbabilities[t] = -0.5 * standard ** 2 - logDeviation - 0.5 * Math.log(2 * Math.PI);
      entropies[t] = logDeviation + 0.5 * Math.log(2 * Math.PI * Math.E);
    } else {
      const all = logSoftmax(said.subarray(t * width, (t + 1) * width));
      logProbabilities[t] = all[action] as number;
      entropies[t] = -all.reduce((sum, logarithm) => sum + Math.exp(logarithm) * logarithm, 0);
    }
  });
  return { logProbabilities, entropies };
}

function logSoftmax(logits: Float64Array): Float64Array {
  const greatest = Math.max(...logits);
  const logSum = greatest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - greatest), 0));
  return logits.map((logit) => logit - logSum);
}
