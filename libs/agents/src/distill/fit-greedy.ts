import { randomStream } from "@stride/random";
import { type ScheduleSpec, scheduleSpecSchema } from "@stride/schedules/spec";
import { disagreement, type PolicyCurve, replayed } from "./curve.js";

export interface FitOptions {
  readonly curves: readonly PolicyCurve[];
  /** Parameters that are tried. */
  readonly candidates: number;
  readonly seed: number;
}

/**
 * GreedyLR's parameters that set rates most like the policy's on the policy's own losses: the best of so many random ones, then of as many
 * near the best. Its defaults are among them, so that what is found is never worse.
 */
export function fitGreedy({ curves, candidates, seed }: FitOptions): ScheduleSpec {
  const stream = randomStream({ seed, purpose: "distil:greedy" });
  const scored = (spec: ScheduleSpec) => ({ spec, score: disagreement(curves, (curve) => replayed(spec, curve)) });
  let best = scored(greedy({ minLearningRate: lowestOf(curves), maxLearningRate: highestOf(curves) }));
  let place = drawn(
    Array.from({ length: dimensions }, () => 0.5),
    curves,
  );
  for (let candidate = 0; candidate < 2 * candidates; candidate++) {
    const near = candidate >= candidates;
    const at = Array.from({ length: dimensions }, (_, i) => {
      const u = stream.uniform(candidate, i);
      return near ? Math.min(1 - 1e-9, Math.max(0, (place.at[i] as number) + 0.1 * (2 * u - 1))) : u;
    });
    const one = drawn(at, curves);
    const tried = scored(one.spec);
    if (tried.score < best.score) {
      best = tried;
      place = one;
    }
  }
  return best.spec;
}

const dimensions = 6;

/** The parameters at a place of the unit cube. */
function drawn(at: readonly number[], curves: readonly PolicyCurve[]) {
  const [patience = 0, factor = 0, threshold = 0, smoothing = 0, increase = 0, decrease = 0] = at;
  const steps = curves[0]?.losses.length ?? 1;
  const upTo = (most: number, u: number) => Math.floor((most + 1) ** u) - 1;
  const window = upTo(Math.max(1, Math.floor(steps / 4)), smoothing);
  const spec = greedy({
    patience: upTo(Math.max(1, Math.floor(steps / 4)), patience),
    factor: digits(0.3 + 0.69 * factor),
    // Relative, as a policy's features are.
    threshold: digits(10 ** (-6 + 5 * threshold)),
    thresholdMode: "relative",
    pauseAfterIncrease: upTo(Math.max(1, Math.floor(steps / 10)), increase),
    pauseAfterDecrease: upTo(Math.max(1, Math.floor(steps / 10)), decrease),
    ...(window > 1 ? { smoothingWindow: window } : {}),
    minLearningRate: lowestOf(curves),
    maxLearningRate: highestOf(curves),
  });
  return { at, spec };
}

function greedy(options: Readonly<Record<string, unknown>>): ScheduleSpec {
  return scheduleSpecSchema.parse({ kind: "greedy", ...options });
}

const digits = (value: number) => Number(value.toPrecision(3));

/** Where no policy went, GreedyLR need not go. */
function lowestOf(curves: readonly PolicyCurve[]): number {
  return digits(0.5 * Math.min(...curves.map(({ learningRates }) => Math.min(...Array.from(learningRates)))));
}

function highestOf(curves: readonly PolicyCurve[]): number {
  return digits(2 * Math.max(...curves.map(({ learningRates }) => Math.max(...Array.from(learningRates)))));
}
