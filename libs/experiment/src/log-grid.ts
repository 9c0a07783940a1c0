export interface LogGrid {
  /** Above 0. */
  readonly from: number;
  /** Above `from`, or equal to it when there is one point. */
  readonly to: number;
  /** At least 1. */
  readonly points: number;
}

/**
 * Learning rates evenly spaced in their logarithm, ends included: from · (to / from)^(i / (points − 1)). Rounded to twelve
 * digits, so that 0.01 is 0.01 and the last bit of a power never changes a trial's id.
 */
export function logGrid({ from, to, points }: LogGrid): readonly number[] {
  return Array.from({ length: points }, (_, i) =>
    Number((points === 1 ? from : from * (to / from) ** (i / (points - 1))).toPrecision(12)),
  );
}
