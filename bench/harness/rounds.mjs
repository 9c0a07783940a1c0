/**
 * Measures contenders in turn, A B C A B C …, so that what disturbs the machine for a while disturbs all of them. A contender is
 * `{ name, begin?, work }`: `work` does some of it and says how many units that was, `begin` comes before each round, unmeasured.
 * Returns units a second by name, one number a round.
 */
export async function interleave(contenders, { rounds, milliseconds }) {
  const rates = new Map(contenders.map(({ name }) => [name, []]));
  for (const contender of contenders) {
    await contender.begin?.();
    await contender.work(); // Loads and compiles what is loaded and compiled once.
  }
  for (let round = 0; round < rounds; round++) {
    for (const { name, begin, work } of contenders) {
      await begin?.();
      rates.get(name).push(await rate(work, milliseconds));
    }
  }
  return rates;
}

/** What others on this machine do shows in the clock on the wall, but hardly in the time that the processor gave to us alone. */
const now =
  process.env.STRIDE_BENCH_PROCESSOR_TIME === "1"
    ? () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000
    : () => performance.now();

/** Units a second of `work`, done again and again for so long at the least. */
export async function rate(work, milliseconds) {
  const start = now();
  let units = 0;
  let elapsed = 0;
  do {
    units += await work();
    elapsed = now() - start;
  } while (elapsed < milliseconds);
  return (1000 * units) / elapsed;
}

export function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median over the rounds of one round's ratio: two numbers taken one right after the other. */
export function ratioOfRounds(values, baselines) {
  return median(values.map((value, round) => value / baselines[round]));
}

/** The name with the highest median among `names`. */
export function fastest(rates, names) {
  return names.reduce((best, name) => (median(rates.get(name)) > median(rates.get(best)) ? name : best));
}
