import type { ScoreColumns } from "../queries/score-columns.js";

/** Scores of one configuration and split by seed, ascending; NaN marks a trial without a result. */
export interface ScoreVector {
  readonly seeds: Float64Array;
  readonly values: Float64Array;
}

/** Splits columns up by configuration. */
export function scoreVectors(columns: ScoreColumns): ReadonlyMap<number, ScoreVector> {
  const { configurationKeys, seeds, values } = columns;
  const lengths = new Map<number, number>();
  for (const key of configurationKeys) lengths.set(key, (lengths.get(key) ?? 0) + 1);
  const vectors = new Map<number, ScoreVector & { filled: number }>();
  for (const [key, length] of lengths) {
    vectors.set(key, { seeds: new Float64Array(length), values: new Float64Array(length), filled: 0 });
  }
  for (let i = 0; i < configurationKeys.length; i++) {
    const vector = vectors.get(configurationKeys[i] as number) as ScoreVector & { filled: number };
    vector.seeds[vector.filled] = seeds[i] as number;
    vector.values[vector.filled] = values[i] as number;
    vector.filled++;
  }
  return new Map([...vectors].map(([key, vector]) => [key, inOrder(vector)]));
}

function inOrder({ seeds, values }: ScoreVector): ScoreVector {
  if (isAscending(seeds)) return { seeds, values };
  const places = Uint32Array.from(seeds.keys()).sort(
    (left, right) => (seeds[left] as number) - (seeds[right] as number),
  );
  const sorted = (column: Float64Array) => Float64Array.from(places, (place) => column[place] as number);
  return { seeds: sorted(seeds), values: sorted(values) };
}

function isAscending(numbers: Float64Array): boolean {
  for (let i = 1; i < numbers.length; i++) if ((numbers[i - 1] as number) > (numbers[i] as number)) return false;
  return true;
}
