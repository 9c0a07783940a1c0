/** Mean of numbers. */
export function mean(values: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += value;
    count++;
  }
  return sum / count;
}

/** Pearson's correlation; about normal with deviation 1/√n for independent samples. */
export function correlation(a: Float64Array, b: Float64Array): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (const [i, x] of a.entries()) {
    const y = (b[i] as number) - meanB;
    ab += (x - meanA) * y;
    aa += (x - meanA) ** 2;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

/** How far Pearson's χ² of counts in equally likely cells lies from its expectation, in its standard deviations. */
export function chiSquareDeviation(counts: readonly number[]): number {
  const expected = mean(counts);
  const freedom = counts.length - 1;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}

/** Entry c counts the values that `cellOf` puts into cell c of `cells`. */
export function countCells(values: Iterable<number>, cells: number, cellOf: (value: number) => number): number[] {
  const counts = new Array<number>(cells).fill(0);
  for (const value of values) {
    const cell = cellOf(value);
    counts[cell] = (counts[cell] as number) + 1;
  }
  return counts;
}
