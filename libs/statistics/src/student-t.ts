import { incompleteBeta } from "./incomplete-beta.js";
import { quantileOf } from "./quantile-of.js";

/** P(T ≤ t) for Student's t with `degreesOfFreedom` > 0: 1 − ½ I_{ν/(ν + t²)}(ν/2, ½) for t ≥ 0 (DLMF 8.17.3). */
export function studentTCdf(t: number, degreesOfFreedom: number): number {
  const tail = 0.5 * incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5);
  return t < 0 ? tail : 1 - tail;
}

/** The t with P(T ≤ t) = `probability`, in (0, 1). */
export function studentTQuantile(probability: number, degreesOfFreedom: number): number {
  return quantileOf((t) => studentTCdf(t, degreesOfFreedom), probability);
}

/** df → the t with P(|T| ≤ t) = `confidence`, each computed once. */
export function twoSidedCriticalValues(confidence: number): (degreesOfFreedom: number) => number {
  const known = new Map<number, number>();
  return (degreesOfFreedom) => {
    const value = known.get(degreesOfFreedom) ?? studentTQuantile((1 + confidence) / 2, degreesOfFreedom);
    known.set(degreesOfFreedom, value);
    return value;
  };
}
