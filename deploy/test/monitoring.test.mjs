import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noHelm, root } from "./helm-binary.mjs";
import { fullname, namespace, render } from "./helm-render.mjs";
import { metricNames, scrapeLabels, scrapeNames } from "./metric-names.mjs";
import { readsOf } from "./promql.mjs";

const known = { ...metricNames, ...scrapeNames };
const histogramLabels = { _bucket: ["le"], _sum: [], _count: [] };

/** Metrics and labels of an expression that the coordinator does not have, as sentences. */
function strangers(expression) {
  const { metrics, labels } = readsOf(expression);
  const labelsOf = (metric) => {
    if (known[metric] !== undefined) return known[metric].type === "histogram" ? undefined : known[metric].labels;
    const suffix = Object.keys(histogramLabels).find((end) => metric.endsWith(end));
    const base = suffix === undefined ? undefined : known[metric.slice(0, -suffix.length)];
    return base?.type === "histogram" ? [...base.labels, ...histogramLabels[suffix]] : undefined;
  };
  const unknown = metrics.filter((metric) => labelsOf(metric) === undefined).map((metric) => `metric ${metric}`);
  const wrong = labels.filter(({ metric, label }) => {
    const own = metric === undefined ? metrics.flatMap((each) => labelsOf(each) ?? []) : (labelsOf(metric) ?? []);
    return !own.includes(label) && !scrapeLabels.includes(label);
  });
  return [...unknown, ...wrong.map(({ metric, label }) => `label ${label} of ${metric ?? metrics}`)];
}

/** Counters are read as rates, gauges as they are. */
function misread(expression) {
  return readsOf(expression).metrics.filter((metric) => {
    const isCounter = known[metric]?.type !== "gauge";
    const inRate = new RegExp(`(rate|increase)\\(${metric}\\b`).test(expression);
    return isCounter !== inRate;
  });
}

describe("the dashboard", () => {
  const text = readFileSync(join(root, "deploy/dashboards/stride.json"), "utf8");
  const dashboard = JSON.parse(text);
  const panels = dashboard.panels.filter(({ type }) => type !== "row");
  const expressions = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));

  it("is the chart's, too", () => {
    expect(readFileSync(join(root, "deploy/helm/stride/dashboards/stride.json"), "utf8")).toBe(text);
  });

  it.each(expressions)("asks in $title for what there is: $expr", ({ expr }) => {
    expect(strangers(expr)).toEqual([]);
    expect(misread(expr)).toEqual([]);
  });

  it("shows every metric of Stride's", () => {
    const shown = expressions.flatMap(({ expr }) =>
      readsOf(expr).metrics.map((name) => name.replace(/_(bucket|sum|count)$/, "")),
    );
    expect(Object.keys(metricNames).filter((name) => !shown.includes(name))).toEqual([]);
  });

  it("says what each panel shows, places none over another, and asks only for its variables", () => {
    const cells = new Set();
    for (const { description, gridPos, title, type } of dashboard.panels) {
      if (type !== "row") expect(description, title).toMatch(/\.$/);
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x} ${y}`), `${title} lies over another`).toBe(false);
          cells.add(`${x} ${y}`);
        }
      }
    }
    const variables = [...dashboard.templating.list.map(({ name }) => name), "__rate_interval"];
    const asked = new Set([...text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name));
    asked.delete("__all");
    expect([...asked].filter((name) => !variables.includes(name))).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});

describe.skipIf(noHelm !== undefined)(`the alerts${noHelm ? ` (skipped: ${noHelm})` : ""}`, () => {
  const rules = async () => {
    const rule = (await render("tls-mutual-monitoring")).find(({ kind }) => kind === "PrometheusRule");
    return rule.spec.groups.flatMap(({ rules }) => rules);
  };

  it("watch for what an operator must know", async () => {
    expect((await rules()).map(({ alert, labels }) => `${alert} ${labels.severity}`)).toEqual([
      "StrideCoordinatorDown critical",
      "StrideDatabaseDown critical",
      "StrideNoWorkers warning",
      "StrideQueueOld warning",
      "StrideReportsLate warning",
      "StrideTrialsFailing warning",
      "StrideAttemptsFailing warning",
      "StrideTrialsDiverging info",
      "StrideCallsRefused warning",
    ]);
  });

  it("ask for what there is, of this release alone", async () => {
    for (const { alert, expr, annotations } of await rules()) {
      expect(strangers(expr), alert).toEqual([]);
      if (!expr.includes("delta(")) expect(misread(expr), alert).toEqual([]);
      const metrics = readsOf(expr).metrics.length;
      expect(expr.split(`namespace="${namespace}", service="${fullname}-coordinator"`).length - 1, alert).toBe(metrics);
      expect(annotations.summary, alert).toMatch(/\.$/);
      expect(annotations.description, alert).toMatch(/[.`]$/);
    }
  });

  it("name only labels in their texts that their expressions keep", async () => {
    for (const { alert, expr, annotations } of await rules()) {
      const named = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      for (const label of named) expect(expr, alert).toMatch(new RegExp(`by \\(${label}\\)`));
    }
  });
});

describe("readsOf", () => {
  it("tells metrics from labels, functions and words", () => {
    expect(readsOf('sum by (a) (rate(m_total{b="x", c=~"y|z"}[5m])) / n > 0.5 unless vector(0)')).toEqual({
      metrics: ["m_total", "n"],
      labels: [
        { metric: undefined, label: "a" },
        { metric: "m_total", label: "b" },
        { metric: "m_total", label: "c" },
      ],
    });
  });

  it.each(["sum(m", "sum(m))", "rates(m[5m])", "m{a='x'}", "rate(m[5x])", 'm{a="x")'])("refuses %s", (expression) => {
    expect(() => readsOf(expression)).toThrow(expression);
  });

  it("finds metrics and labels that are not there, and counters that are read as they are", () => {
    expect(strangers("stride_nothing")).toEqual(["metric stride_nothing"]);
    expect(strangers('stride_trials{reason="x"}')).toEqual(["label reason of stride_trials"]);
    expect(strangers("sum by (code) (stride_trials)")).toEqual(["label code of stride_trials"]);
    expect(strangers("rate(stride_rpc_seconds[5m])")).toEqual(["metric stride_rpc_seconds"]);
    expect(misread("stride_steps_total")).toEqual(["stride_steps_total"]);
    expect(misread("rate(stride_workers[5m])")).toEqual(["stride_workers"]);
  });
});
