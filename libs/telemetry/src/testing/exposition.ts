/** One line of a family: `suffix` is `_bucket`, `_sum` or `_count` of a histogram or summary, else empty. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: "counter" | "gauge" | "histogram" | "summary" | "untyped";
  readonly help: string;
  readonly samples: readonly Sample[];
}

const types = ["counter", "gauge", "histogram", "summary", "untyped"] as const;
const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const number = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN)$/;

/**
 * Reads Prometheus' text format 0.0.4, and is stricter than Prometheus: every family must have HELP and TYPE, before its samples, once
 * and in one piece; no sample may come twice; counters must end in `_total` and be finite; histograms must be cumulative and whole.
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line must end with a line feed");
  const families = new Map<string, { type: Family["type"] | undefined; help: string; samples: Sample[] }>();
  const seen = new Set<string>();
  let current: string | undefined;
  for (const [index, line] of text.slice(0, -1).split("\n").entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${index + 1}: ${why}: ${JSON.stringify(line)}`);
    };
    if (line === "") continue;
    const comment = /^# (HELP|TYPE) ([^ ]+) ?(.*)$/.exec(line);
    if (comment !== null) {
      const [, what, name = "", rest = ""] = comment;
      if (metricName.exec(name)?.[0] !== name) fail("no metric name");
      if (what === "HELP") {
        if (families.has(name)) fail("a second HELP");
        if (/\\(?![\\n])/.test(rest)) fail("an unknown escape");
        families.set(name, { type: undefined, help: rest, samples: [] });
      } else {
        const family = families.get(name) ?? fail("a TYPE without HELP");
        if (family.type !== undefined || family.samples.length > 0) fail("a second or late TYPE");
        family.type = types.find((type) => type === rest) ?? fail("no type");
      }
      current = name;
      continue;
    }
    if (line.startsWith("#")) continue;
    const sample = sampleOf(line, fail);
    const family = families.get(current ?? "");
    if (current === undefined || family?.type === undefined) return fail("a sample without HELP and TYPE");
    const suffixes =
      family.type === "histogram"
        ? ["_bucket", "_sum", "_count"]
        : family.type === "summary"
          ? ["", "_sum", "_count"]
          : [""];
    if (!suffixes.some((suffix) => sample.name === `${current}${suffix}`)) fail(`not a sample of ${current}`);
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (seen.has(key)) fail("the same sample twice");
    seen.add(key);
    family.samples.push(sample);
  }
  const whole = new Map<string, Family>();
  for (const [name, { type, help, samples }] of families) {
    if (type === undefined) throw new Error(`${name} has no TYPE`);
    const family = { type, help, samples };
    check(name, family);
    whole.set(name, family);
  }
  return whole;
}

function sampleOf(line: string, fail: (why: string) => never): Sample {
  const name = metricName.exec(line)?.[0] ?? fail("no metric name");
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith("{")) {
    rest = rest.slice(1);
    while (!rest.startsWith("}")) {
      const label = labelName.exec(rest)?.[0] ?? fail("no label name");
      const value = /^="((?:[^"\\]|\\["\\n])*)"/.exec(rest.slice(label.length)) ?? fail("no label value");
      if (label in labels) fail(`the label ${label} twice`);
      labels[label] = (value[1] ?? "").replace(/\\(["\\n])/g, (_, escaped: string) =>
        escaped === "n" ? "\n" : escaped,
      );
      rest = rest.slice(label.length + value[0].length);
      if (rest.startsWith(",")) rest = rest.slice(1);
      else if (!rest.startsWith("}")) fail("labels must be parted by commas");
    }
    rest = rest.slice(1);
  }
  const written = /^ ([^ ]+)(?: (\d+))?$/.exec(rest)?.[1] ?? fail("no value");
  if (!number.test(written)) fail("no number");
  return { name, labels, value: Number(written.replace("Inf", "Infinity")) };
}

function check(name: string, { type, samples }: Family): void {
  if (type === "counter") {
    if (!name.endsWith("_total")) throw new Error(`the counter ${name} must end in _total`);
    for (const { value } of samples) {
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw new Error(`the counter ${name} is ${value}`);
    }
  }
  if (type === "histogram") checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const series = new Map<string, { bounds: number[]; counts: number[]; count?: number; sum?: number }>();
  for (const { name: sample, labels, value } of samples) {
    const { le, ...others } = labels;
    const key = JSON.stringify(Object.entries(others).sort());
    const one = series.get(key) ?? { bounds: [], counts: [] };
    series.set(key, one);
    if (sample.endsWith("_count")) one.count = value;
    else if (sample.endsWith("_sum")) one.sum = value;
    else {
      if (le === undefined) throw new Error(`a bucket of ${name} has no le`);
      one.bounds.push(Number(le.replace("Inf", "Infinity")));
      one.counts.push(value);
    }
  }
  for (const { bounds, counts, count, sum } of series.values()) {
    const rising = (numbers: readonly number[]) => numbers.every((each, place) => each >= (numbers[place - 1] ?? -1));
    if (!rising(bounds) || !rising(counts)) throw new Error(`the buckets of ${name} must rise`);
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || counts.at(-1) !== count || sum === undefined) {
      throw new Error(`the histogram ${name} is not whole`);
    }
  }
}
