import type { Watch } from "@stride/compile";
import { controlled, isControl, type RateSpec, type Trial } from "@stride/experiment";

/**
 * What the steps of a cohort must tell: the bound that its trials are held to, what their rules say that they see (`sees` of a spec, also inside of a
 * control), and what else is asked for. A bound that nobody is held to is the exact one along the step, whole. Undefined when that is
 * nothing.
 */
export function watchOf(trials: readonly Trial[], asked: Watch = {}): Watch | undefined {
  const seen = trials.flatMap(({ schedule }) => seenBy(schedule));
  const held = trials[0]?.stability;
  const gradientNorms = asked.gradientNorms === true || seen.some(({ gradients }) => gradients);
  const stability =
    held === undefined
      ? (asked.stability ?? (seen.some(({ bound }) => bound) ? { bound: "ray", fraction: 1, clip: false } : undefined))
      : { bound: held.bound, fraction: held.fraction, clip: held.clip };
  if (!gradientNorms && stability === undefined) return undefined;
  return { ...(gradientNorms ? { gradientNorms } : {}), ...(stability === undefined ? {} : { stability }) };
}

/** What a rule's spec says that it sees. */
function seenBy(schedule: RateSpec) {
  const bare = isControl(schedule) ? controlled(schedule) : schedule;
  return "sees" in bare ? [bare.sees] : [];
}
