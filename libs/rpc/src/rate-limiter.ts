/** Counts against a rate, each key for itself. */
export interface RateLimiter {
  /** Takes one; false, and nothing taken, when the key has used up its share. */
  take(key: string): boolean;
  /** Whether the key has used up its share. */
  isEmpty(key: string): boolean;
}

export interface RateLimiterOptions {
  /** How many a second are given back. */
  readonly perSecond: number;
  /** How many may come at once. */
  readonly burst: number;
  /** Milliseconds. */
  now(): number;
  /** Keys that are remembered; the one used longest ago is forgotten first, and has its full share again. */
  readonly capacity?: number;
}

/** Token buckets: each key's holds `burst` at first and at most, and is filled by `perSecond`. */
export function rateLimiter({ perSecond, burst, now, capacity = 10_000 }: RateLimiterOptions): RateLimiter {
  const buckets = new Map<string, { readonly level: number; readonly at: number }>();

  const levelOf = (key: string): number => {
    const bucket = buckets.get(key);
    if (bucket === undefined) return burst;
    return Math.min(burst, bucket.level + (Math.max(0, now() - bucket.at) / 1_000) * perSecond);
  };

  return {
    take(key) {
      const level = levelOf(key);
      buckets.delete(key);
      for (const oldest of buckets.keys()) {
        if (buckets.size < capacity) break;
        buckets.delete(oldest);
      }
      buckets.set(key, { level: level < 1 ? level : level - 1, at: now() });
      return level >= 1;
    },
    isEmpty: (key) => levelOf(key) < 1,
  };
}
