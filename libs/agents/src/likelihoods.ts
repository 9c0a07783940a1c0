import { entropy, logDensity, logProbabilities, normalEntropy } from "@stride/schedules";
import type { PolicyDocument } from "@stride/schedules/spec";
import { outputs } from "./networks.js";

/**
 * Logarithm of each action's probability (of its density before tanh, where actions are continuous) and entropy of what it was drawn
 * from, `[N]` each, under a policy with these numbers; features are normalised, `[N, F]`.
 */
export function likelihoods(
  { actor, logDeviation }: Pick<PolicyDocument, "actor" | "logDeviation">,
  features: Float32Array,
  actions: Float32Array,
): { readonly logged: Float64Array; readonly entropies: Float64Array } {
  const said = outputs(actor, features);
  const width = said.length / actions.length;
  const logged = new Float64Array(actions.length);
  const entropies = new Float64Array(actions.length);
  actions.forEach((action, t) => {
    if (logDeviation === undefined) {
      const all = logProbabilities([...said.subarray(t * width, (t + 1) * width)]);
      logged[t] = all[action] as number;
      entropies[t] = entropy(all);
    } else {
      logged[t] = logDensity(action, { mean: said[t] as number, logDeviation });
      entropies[t] = normalEntropy(logDeviation);
    }
  });
  return { logged, entropies };
}
