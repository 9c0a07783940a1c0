/** The least magnitude drawn apart from 0, as a part of the greatest, on an axis that shows 0. */
const narrowest = 1e-4;
/** 0.001 and 10,000 in full, 1e-4 and 1e+5 by their exponent. */
const label =
  "datum.value !== 0 && (abs(datum.value) < 0.00099 || abs(datum.value) >= 99999) ? format(datum.value, '~e') : format(datum.value, ',~r')";
const fewestTicks = 3;
const mostTicks = 8;

/** A scale over magnitudes with its ticks: what Vega-Lite's `scale` and `axis` take. */
export interface MagnitudeAxis {
  readonly scale: {
    readonly type: "log" | "symlog";
    readonly domain: [number, number];
    readonly constant?: number;
    readonly nice: false;
    readonly clamp: true;
  };
  readonly axis: { readonly values: number[]; readonly labelExpr: string };
}

/**
 * Logarithmic where all finite `values` are above 0, else symmetric: linear about 0 within ± the least magnitude, logarithmic beyond.
 * Values outside the domain are drawn at its ends. Without any finite value it spans 0.1 to 10.
 *
 * Webber, "A bi-symmetric log transformation for wide-range data", Measurement Science and Technology 24, 2013.
 */
export function magnitudeAxis(values: Iterable<number | null>): MagnitudeAxis {
  const finite: number[] = [];
  for (const value of values) {
    // Ends of the floating-point range count as 0 and as infinite, as in the results' SQL.
    if (value !== null && Math.abs(value) <= 1e300) finite.push(Math.abs(value) < 1e-300 ? 0 : value);
  }
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of finite) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  if (finite.length === 0) [least, greatest] = [0.1, 10];
  if (least > 0) {
    // A flat line lies in the middle.
    const domain: [number, number] = isFlat(least, greatest) ? [least / 2, greatest * 2] : [least, greatest];
    return axis({ type: "log", domain }, logTicks(...domain));
  }
  const size = Math.max(-least, greatest) || 1;
  const positive = finite.map(Math.abs).filter((magnitude) => magnitude >= size * narrowest);
  const constant = positive.reduce((low, magnitude) => Math.min(low, magnitude), size);
  const domain: [number, number] = [Math.min(least, 0), Math.max(greatest, least === 0 ? size : 0)];
  const up = domain[1] > 0 ? logTicks(Math.min(constant, domain[1]), domain[1]) : [];
  const down = domain[0] < 0 ? logTicks(Math.min(constant, -domain[0]), -domain[0]) : [];
  return axis({ type: "symlog", domain, constant }, [...down.map((tick) => -tick).reverse(), 0, ...up]);
}

function axis(scale: Pick<MagnitudeAxis["scale"], "type" | "domain" | "constant">, ticks: number[]): MagnitudeAxis {
  return { scale: { ...scale, nice: false, clamp: true }, axis: { values: ticks, labelExpr: label } };
}

/** Whether two positive numbers differ by rounding alone. */
function isFlat(low: number, high: number): boolean {
  return high - low <= 1e-9 * high;
}

/** Powers of ten within [low, high], every n-th one where there are many; 1, 2 and 5 of each, or more, where there are few. */
function logTicks(low: number, high: number): number[] {
  if (isFlat(low, high)) return [high];
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const within = (digits: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let power = from; power <= to; power += 1)
      for (const digit of digits) {
        const tick = Number(`${digit}e${power}`);
        if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
      }
    return ticks;
  };
  const candidates = [[1], [1, 3], [1, 2, 5]].map(within);
  const enough = candidates.find((ticks) => ticks.length >= fewestTicks);
  if (enough === undefined) return evenTicks(low, high);
  const stride = Math.ceil(enough.length / mostTicks);
  return enough.filter((_, place) => place % stride === 0);
}

/** Multiples of 1, 2 or 5 times a power of ten within [low, high]: the widest ones of which there are enough. */
function evenTicks(low: number, high: number): number[] {
  const power = Math.floor(Math.log10(high - low));
  for (const step of [
    `5e${power}`,
    `2e${power}`,
    `1e${power}`,
    `5e${power - 1}`,
    `2e${power - 1}`,
    `1e${power - 1}`,
  ].map(Number)) {
    const [from, to] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
    const ticks = Array.from({ length: to - from + 1 }, (_, place) => Number(((from + place) * step).toPrecision(12)));
    if (ticks.length >= fewestTicks) return ticks;
  }
  return [low, high];
}
