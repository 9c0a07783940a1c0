import type { LineSearch, Optimizer } from "../../optimizer.js";
import type { GradientRuleOptions } from "../definition.js";
import type { LineSearchSpec } from "./spec.js";

/** Below this norm a gradient is taken for zero, and no search is made (the authors' code). */
const leastNorm = 1e-8;

/**
 * Stochastic gradient descent with Armijo's line search on the mini-batch that gave the gradient g:
 *
 *   f(x − η g) ≤ f(x) − c η ‖g‖², else η ← shrink · η
 *
 * (with a projection P, f(P(x − η g)) ≤ f(x) − c ⟨g, x − P(x − η g)⟩: Bertsekas, "On the Goldstein-Levitin-Polyak gradient projection
 * method", 1976) from η = previous · growth^(1 / batches of an epoch), and from the base learning rate in the first step. When every try is
 * refused the fallback is taken, and the next step goes on from the last rate tried.
 *
 * Vaswani et al., "Painless stochastic gradient: interpolation, line-search, and convergence rates", 2019 (arXiv:1905.09997),
 * algorithm 1 with the authors' code's resetting (option 1) and its last resort.
 */
export function createLineSearch({ spec, batchesPerEpoch }: GradientRuleOptions<LineSearchSpec>): Optimizer {
  return {
    slots: [],
    trialSlots: [],
    choosesRates: true,
    update() {
      throw new Error("a line search is run by its executor, try by try");
    },
    search: armijo(spec, batchesPerEpoch),
  };
}

function armijo({ c, shrink, growth, tries, fallback }: LineSearchSpec, batchesPerEpoch: number): LineSearch {
  const growthAStep = growth ** (1 / batchesPerEpoch);
  return {
    propose: (previous, learningRate) => (previous === undefined ? learningRate : previous * growthAStep),
    judge({ rate, triesBefore, loss, lossAtRate, promised, squaredNorm }) {
      if (squaredNorm < leastNorm ** 2) return { kind: "take", rate };
      if (lossAtRate <= loss - c * promised) return { kind: "take", rate };
      if (triesBefore + 1 < tries) return { kind: "try", rate: rate * shrink };
      return { kind: "take", rate: fallback, goesOnFrom: rate };
    },
  };
}
