import { randomStream } from "@stride/random";
import { type ScheduleSpec, scheduleSpecSchema } from "@stride/schedules/spec";
import { disagreement, type PolicyCurve, replayed } from "./curve.js";

export interface Range {
  readonly lowest: number;
  readonly highest: number;
}

export interface FitOptions {
  readonly curves: readonly PolicyCurve[];
  /** Parameters that are tried, at least 1. */
  readonly candidates: number;
  readonly seed: number;
  /** The policy's rates stay within the base rate times these. */
  readonly range: Range;
  /**
   * `wide`: its least and greatest rate are those that the policy could have taken in any of the trainings. `fitted`: they are fitted too. They are rates, no multiples of
   * the first one: what they say of the policy holds on tasks of the same scale alone.
   */
  readonly limits: "wide" | "fitted";
}

/**
 * GreedyLR's parameters that set rates most like the policy's on the policy's own losses. Half of the candidates are drawn from
 * everywhere; the others move some parameters of the best so far, less and less. The defaults are tried first, so what is found is never
 * worse on these curves.
 */
export function fitGreedy({ curves, range, candidates, seed, limits }: FitOptions): ScheduleSpec {
  const stream = randomStream({ seed, purpose: `distil:greedy:${limits}` });
  const scored = (spec: ScheduleSpec) => ({ spec, score: disagreement(curves, (curve) => replayed(spec, curve)) });
  const space = { ...spaceOf(curves, range), limits };
  let best = scored(defaultGreedy(curves, range));
  let place: readonly number[] | undefined;
  for (let candidate = 0; candidate < candidates; candidate++) {
    const progress = (2 * candidate) / candidates - 1;
    const uniforms = stream.uniforms(candidate, dimensions);
    const at =
      progress < 0 || place === undefined
        ? Array.from(uniforms)
        : place.map((x, i) =>
            stream.uniform(candidate, dimensions + i) < moved
              ? within(x + reach * (1 - 0.9 * progress) * (2 * (uniforms[i] as number) - 1))
              : x,
          );
    const tried = scored(greedyAt(at, space));
    if (tried.score < best.score || place === undefined) place = at;
    if (tried.score < best.score) best = tried;
  }
  return best.spec;
}

/** GreedyLR as it comes, but free to go wherever the policy could. */
export function defaultGreedy(curves: readonly PolicyCurve[], range: Range): ScheduleSpec {
  const { least, most } = spaceOf(curves, range);
  return greedy({ minLearningRate: digits(least), maxLearningRate: digits(most) });
}

const dimensions = 9;
/** Share of parameters that a move changes, and how far the first moves go. */
const moved = 0.4;
const reach = 0.3;
const within = (x: number) => Math.min(1 - 1e-9, Math.max(0, x));

interface Space {
  readonly steps: number;
  /** Rates that the policy took. */
  readonly lowest: number;
  readonly highest: number;
  /** Rates that it could have taken, up to what GreedyLR can. */
  readonly least: number;
  readonly most: number;
}

function spaceOf(curves: readonly PolicyCurve[], range: Range): Space {
  const [first] = curves;
  if (first === undefined) throw new RangeError("there must be at least one curve");
  const bases = curves.map(({ baseRate }) => baseRate);
  let [lowest, highest] = [Number.MAX_VALUE, 0];
  for (const { learningRates } of curves) {
    for (let step = 0; step < learningRates.length; step++) {
      lowest = Math.min(lowest, learningRates[step] as number);
      highest = Math.max(highest, learningRates[step] as number);
    }
  }
  const [least, most] = [Math.min(...bases) * range.lowest, Math.max(...bases) * range.highest];
  return { steps: first.steps, lowest, highest, least: Math.min(1e6, least), most: Math.min(1e6, most) };
}

/** The parameters at a place of the unit cube. Counts are as likely below 10 as from 10 to 100. */
function greedyAt(at: readonly number[], space: Space & Pick<FitOptions, "limits">): ScheduleSpec {
  const { steps, lowest, highest, least, most, limits } = space;
  const [patience = 0, factor = 0, threshold = 0, smoothing = 0, increase = 0, decrease = 0, low = 0, high = 0] = at;
  const counted = (most: number, u: number) => Math.floor((Math.max(1, Math.floor(most)) + 1) ** u) - 1;
  // In half of the draws it is not fitted.
  const limit = (u: number, wide: number) =>
    limits === "wide" || u < 0.5 ? wide : lowest * (highest / lowest) ** (2 * u - 1);
  const [min, max] = [limit(low, least), limit(high, most)].sort((left, right) => left - right);
  const window = counted(steps / 4, smoothing);
  return greedy({
    variant: (at[8] as number) < 0.5 ? "transformers" : "trend",
    patience: counted(steps / 4, patience),
    // From 0.3 to 0.997, finer towards 1.
    factor: digits(1 - 0.7 * 0.005 ** factor),
    // Relative, as a policy's features are.
    threshold: digits(10 ** (-6 + 5 * threshold)),
    thresholdMode: "relative",
    smoothingWindow: Math.max(1, window),
    pauseAfterIncrease: counted(steps / 10, increase),
    pauseAfterDecrease: counted(steps / 10, decrease),
    minLearningRate: digits(min as number),
    maxLearningRate: digits(max as number),
  });
}

function greedy(options: Readonly<Record<string, unknown>>): ScheduleSpec {
  return scheduleSpecSchema.parse({ kind: "greedy", ...options });
}

const digits = (value: number) => Number(value.toPrecision(3));
