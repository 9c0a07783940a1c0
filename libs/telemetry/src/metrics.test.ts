import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createMetrics, type LoadSample, type MetricsOptions } from "./metrics.js";
import { parseExposition } from "./testing.js";

const sample: LoadSample = {
  studies: [{ study: "one", planned: 1, running: 2, completed: 3, diverged: 4, failed: 5, cancelled: 6 }],
  unfinishedCohorts: 7,
  waitingCohorts: 3,
  oldestWaitingSeconds: 12.5,
  reportAgeSeconds: 1.25,
  workers: [
    { executor: "onnx-cpu", state: "busy", workers: 2 },
    { executor: "onnx-cpu", state: "idle", workers: 1 },
  ],
  attempts: { finished: 10, failed: 1 },
  divergedTrials: 4,
};

const open = (options: Partial<MetricsOptions> = {}) =>
  createMetrics({
    version: "0.1.0",
    refusals: ["unauthenticated", "rate"],
    load: async () => sample,
    keepMs: 0,
    ...options,
  });
type Opened = Awaited<ReturnType<typeof open>>;

async function scrape(metrics: Opened) {
  const { contentType, body } = await metrics.exposition();
  expect(contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  return parseExposition(body);
}

/** A family's samples by their labels, `{a=1}` style. */
async function values(metrics: Opened, name: string): Promise<Record<string, number>> {
  const family = (await scrape(metrics)).get(name);
  return Object.fromEntries(
    (family?.samples ?? []).map(({ labels, value }) => [Object.values(labels).join(" "), value]),
  );
}
const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("the coordinator's metrics", () => {
  it("are those that charts and rules are written for", async () => {
    const families = await scrape(await open());
    const named = [...families]
      .filter(([name]) => name.startsWith("stride_"))
      .map(([name, { type }]) => `${name} ${type}`);
    expect(named.sort()).toEqual([
      "stride_attempts_total counter",
      "stride_build_info gauge",
      "stride_cohorts_unfinished gauge",
      "stride_cohorts_waiting gauge",
      "stride_database_up gauge",
      "stride_diverged_trials_total counter",
      "stride_oldest_waiting_seconds gauge",
      "stride_refused_calls_total counter",
      "stride_report_age_seconds gauge",
      "stride_rpc_calls_total counter",
      "stride_rpc_seconds histogram",
      "stride_steps_total counter",
      "stride_trials gauge",
      "stride_workers gauge",
    ]);
    for (const name of ["process_cpu_seconds_total", "nodejs_eventloop_lag_seconds", "process_resident_memory_bytes"]) {
      expect(families.has(name), name).toBe(true);
    }
  });

  it("say what the store says", async () => {
    const metrics = await open();
    expect(await values(metrics, "stride_trials")).toEqual({
      "one planned": 1,
      "one running": 2,
      "one completed": 3,
      "one diverged": 4,
      "one failed": 5,
      "one cancelled": 6,
    });
    const families = await scrape(metrics);
    const value = (name: string) => families.get(name)?.samples[0]?.value;
    expect(value("stride_cohorts_unfinished")).toBe(7);
    expect(value("stride_cohorts_waiting")).toBe(3);
    expect(value("stride_oldest_waiting_seconds")).toBe(12.5);
    expect(value("stride_report_age_seconds")).toBe(1.25);
    expect(value("stride_database_up")).toBe(1);
    expect(await values(metrics, "stride_workers")).toEqual({ "onnx-cpu busy": 2, "onnx-cpu idle": 1 });
  });

  it("count calls, refusals and steps", async () => {
    const metrics = await open();
    for (const seconds of [0.002, 0.2]) metrics.call({ method: "S/Report", code: "OK", seconds });
    metrics.call({ method: "S/Report", code: "UNAVAILABLE", seconds: 40 });
    metrics.refused("unauthenticated");
    metrics.steps(120);
    metrics.steps(80);
    expect(await values(metrics, "stride_rpc_calls_total")).toEqual({ "S/Report OK": 2, "S/Report UNAVAILABLE": 1 });
    expect(await values(metrics, "stride_refused_calls_total")).toEqual({
      unauthenticated: 1,
      rate: 0,
    });
    expect(await values(metrics, "stride_steps_total")).toEqual({ "": 200 });
    const histogram = (await scrape(metrics)).get("stride_rpc_seconds")?.samples ?? [];
    const bucket = (le: string) => histogram.find(({ labels }) => labels.le === le)?.value;
    expect([bucket("0.001"), bucket("0.0025"), bucket("0.25"), bucket("30"), bucket("+Inf")]).toEqual([0, 1, 2, 2, 3]);
  });

  it("take any name of a study", async () => {
    const study = 'a"b\\c\nd{e="f"} 1 é';
    const metrics = await open({
      load: async () => ({ ...sample, studies: [{ ...sample.studies[0], study } as never] }),
    });
    expect(await values(metrics, "stride_trials")).toMatchObject({ [`${study} running`]: 2 });
  });

  it("never count back, as when a study is deleted, and go on from there", async () => {
    let finished = 10;
    const metrics = await open({ load: async () => ({ ...sample, attempts: { finished } }) });
    const told: number[] = [];
    for (finished of [10, 4, 6]) {
      told.push((await values(metrics, "stride_attempts_total")).finished ?? -1);
      await tick();
    }
    expect(told).toEqual([10, 10, 12]);
  });

  it("forget studies that the store tells of no more", async () => {
    let studies = sample.studies;
    const metrics = await open({ load: async () => ({ ...sample, studies }) });
    await scrape(metrics);
    await tick();
    studies = [];
    expect(await values(metrics, "stride_trials")).toEqual({});
  });

  it("go without the store when it is away, and say so", async () => {
    let away = false;
    const errors: unknown[] = [];
    const metrics = await open({
      load: async () => {
        if (away) throw new Error("gone");
        return sample;
      },
      onError: (error) => errors.push(error),
    });
    await scrape(metrics);
    await tick();
    away = true;
    const families = await scrape(metrics);
    expect(families.get("stride_database_up")?.samples[0]?.value).toBe(0);
    for (const name of ["stride_trials", "stride_workers", "stride_cohorts_waiting", "stride_report_age_seconds"]) {
      expect(families.get(name)?.samples, name).toEqual([]);
    }
    expect(families.get("stride_attempts_total")?.samples.length).toBe(2);
    expect(errors).toHaveLength(1);
  });

  it("ask the store once for scrapes at the same time, and again only later", async () => {
    let asked = 0;
    const metrics = await open({
      load: async () => {
        asked += 1;
        return sample;
      },
      keepMs: 60_000,
    });
    await Promise.all([scrape(metrics), scrape(metrics)]);
    await scrape(metrics);
    expect(asked).toBe(1);
  });
});

describe("the exposition parser", () => {
  const head = "# HELP a_total A.\n# TYPE a_total counter\n";
  it.each([
    { text: `${head}a_total 1`, why: "line feed" },
    { text: "a_total 1\n", why: "without HELP and TYPE" },
    { text: "# TYPE a_total counter\na_total 1\n", why: "TYPE without HELP" },
    { text: `${head}a_total 1\na_total 2\n`, why: "twice" },
    { text: `${head}a_total{x="1",x="2"} 1\n`, why: "label x twice" },
    { text: `${head}a_total{x="\\q"} 1\n`, why: "no label value" },
    { text: `${head}a_total{x="a"b"} 1\n`, why: "commas" },
    { text: `${head}a_total{2x="a"} 1\n`, why: "no label name" },
    { text: `${head}a_total one\n`, why: "no number" },
    { text: `${head}b_total 1\n`, why: "not a sample of a_total" },
    { text: `${head}a_total -1\n`, why: "is -1" },
    { text: "# HELP a A.\n# TYPE a counter\na 1\n", why: "must end in _total" },
    { text: '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n', why: "not whole" },
    {
      text: '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
      why: "rise",
    },
  ])("refuses $text", ({ text, why }) => {
    expect(() => parseExposition(text)).toThrow(why);
  });
});

it("the documentation lists every metric with its type and labels, and no other", async () => {
  const text = readFileSync(new URL("../../../docs/observability.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(stride_\w+)`[^|]*\| (\w+) *\|([^|]*)\|/gm)];
  const documented = rows.map(([, name, type, labels]) =>
    `${name} ${type} ${labels?.match(/\w+/g)?.join(" ") ?? ""}`.trim(),
  );
  const metrics = await open();
  metrics.call({ method: "m", code: "OK", seconds: 1 });
  const found = [...(await scrape(metrics))].filter(([name]) => name.startsWith("stride_"));
  const labelsOf = (samples: readonly { readonly labels: object }[]) =>
    Object.keys(samples[0]?.labels ?? {}).filter((label) => label !== "le");
  expect(documented.sort()).toEqual(
    found.map(([name, { type, samples }]) => [name, type, ...labelsOf(samples)].join(" ")).sort(),
  );
});
