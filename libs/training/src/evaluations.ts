/** Held-out losses in the order of steps. */
export type EvaluationCurve = readonly { readonly step: number; readonly loss: number }[];

/** The mean of the curve over its steps, by the trapezoid rule; its one value when it has no length. */
export function meanOverSteps(curve: EvaluationCurve): number {
  const [first] = curve;
  const last = curve.at(-1);
  if (first === undefined || last === undefined) return Number.NaN;
  if (first.step === last.step) return first.loss;
  let area = 0;
  let before = first;
  for (const point of curve) {
    area += ((before.loss + point.loss) / 2) * (point.step - before.step);
    before = point;
  }
  return area / (last.step - first.step);
}
