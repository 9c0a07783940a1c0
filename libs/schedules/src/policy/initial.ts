import { randomStream } from "@stride/random";
import type { Actions, Layer, PolicyDocument } from "./document.js";
import { featureNames } from "./features.js";

export interface InitialPolicyOptions extends Pick<PolicyDocument, "every" | "sees" | "actions" | "range"> {
  /** Units of each hidden layer. */
  readonly hidden: readonly number[];
  /** Whether it has a critic. */
  readonly critic: boolean;
  readonly seed: number;
}

/** Scale of the actor's last layer: the first policy is next to uniform (Andrychowicz et al., 2021, arXiv:2006.05990). */
const lastScale = 0.01;

/**
 * Version 0: weights N(0, 1 / inputs), the actor's last ones a hundredth of that, no biases. A function of its options alone; numbers
 * are those of float32, so that a document survives being learned from.
 */
export function initialPolicy({
  hidden,
  critic,
  seed,
  every,
  sees,
  actions,
  range,
}: InitialPolicyOptions): PolicyDocument {
  const features = featureNames(sees).length;
  const layers = (name: string, last: number, scale: number) =>
    networkOf(randomStream({ seed, purpose: `policy:${name}` }), [features, ...hidden, last], scale);
  return {
    format: 1,
    every,
    sees,
    actions,
    range,
    selection: "likeliest",
    normalisation: { count: 0, mean: Array(features).fill(0), deviation: Array(features).fill(1) },
    actor: layers("actor", outputsOf(actions), lastScale),
    ...(actions.kind === "continuous" ? { logDeviation: 0 } : {}),
    ...(critic ? { critic: layers("critic", 1, 1) } : {}),
  };
}

/** Numbers that an actor says: one an action, or the mean. */
export function outputsOf(actions: Actions): number {
  return actions.kind === "discrete" ? actions.factors.length : 1;
}

function networkOf(stream: ReturnType<typeof randomStream>, widths: readonly number[], lastScale: number): Layer[] {
  return widths.slice(1).map((to, depth) => {
    const from = widths[depth] as number;
    const scale = (depth + 2 === widths.length ? lastScale : 1) / Math.sqrt(from);
    const drawn = stream.normals(depth, from * to);
    return {
      weights: Array.from({ length: from }, (_, i) =>
        Array.from({ length: to }, (_, j) => Math.fround(scale * (drawn[i * to + j] as number))),
      ),
      biases: Array(to).fill(0),
    };
  });
}
