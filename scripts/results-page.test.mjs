import { describe, expect, it } from "vitest";
import {
  claimOf,
  formatRatio,
  formatSeconds,
  formatShare,
  indexTable,
  markdownTable,
  newPage,
  replaceBetween,
  resultSection,
} from "./results-page.mjs";

describe("numbers", () => {
  it.each([
    [formatShare([0.8125, 0.375, 1]), "81.3 % [37.5, 100.0]"],
    [formatShare([0.5, null, null]), "50.0 %"],
    [formatShare([null, null, null]), "–"],
    [formatRatio([0.9527, 0.91, 1.2345]), "0.953 [0.91, 1.23]"],
    [formatSeconds(19.4), "19 s"],
    [formatSeconds(139), "2 min 19 s"],
    [formatSeconds(3599.7), "1 h 0 min"],
  ])("read %s", (said, expected) => {
    expect(said).toBe(expected);
  });
});

describe("replaceBetween", () => {
  const page = "before\n<!-- result -->\n\nold\n\n<!-- /result -->\nafter\n";

  it("replaces what stands between the marks, and twice is as once", () => {
    const once = replaceBetween(page, "result", "new");
    expect(once).toBe("before\n<!-- result -->\n\nnew\n\n<!-- /result -->\nafter\n");
    expect(replaceBetween(once, "result", "new")).toBe(once);
  });

  it.each(["", "<!-- /result --> <!-- result -->", page + page])(
    "refuses a page without one pair of marks: %j",
    (wrong) => {
      expect(() => replaceBetween(wrong, "result", "new")).toThrow("each once");
    },
  );
});

it("escapes bars in a table's cells", () => {
  const table = markdownTable(
    [
      ["name", "left", ({ name }) => name],
      ["count", "right", () => 3],
    ],
    [{ name: "a|b" }],
  );
  expect(table).toBe("| name | count |\n| --- | --: |\n| a\\|b | 3 |");
});

describe("a new page", () => {
  const page = newPage({ study: "grid", sweepFile: "sweeps/grid.yaml", publishOptions: "--effect patience,factor" });

  it("has its sections in order, marks for the result, and the commands that repeat it", () => {
    expect(page.match(/^## .*/gm)).toEqual(["## Claim", "## Design", "## Command", "## Result", "## What follows"]);
    expect(page).toContain(
      "npx stride run sweeps/grid.yaml\nnode scripts/publish-results.mjs grid --effect patience,factor\n",
    );
    expect(replaceBetween(page, "result", "x")).toContain("x");
  });

  it("of an agent's study has a place for what was learned, before the result", () => {
    const learned = newPage({ study: "rl", sweepFile: "sweeps/rl.yaml", publishOptions: "", isAgent: true });
    expect(learned.match(/^## .*/gm)?.slice(2, 5)).toEqual(["## Command", "## What was learned", "## Result"]);
    expect(replaceBetween(learned, "learned", "x")).toContain("<!-- learned -->\n\nx\n\n<!-- /learned -->");
    expect(page).not.toContain("learned");
  });

  it.each([
    ["# T\n\n## Claim\n\nGreedy wins\nin 90 %.\n\nMore.\n", "Greedy wins in 90 %."],
    ["# T\n\n## Claim\n\n## Design\n\nd\n", ""],
    ["# T\n", ""],
  ])("gives the index its claim: %j", (text, claim) => {
    expect(claimOf(text)).toBe(claim);
  });
});

it("lists pages by name", () => {
  const page = { claim: "c", trials: 1200, date: "2026-01-02" };
  const table = indexTable([
    { study: "b", ...page },
    { study: "a", ...page },
    { study: "c", ...page, episodes: 5760 },
  ]);
  expect(table.split("\n").slice(2)).toEqual([
    "| [a](a.md) | c | 1,200 | 2026-01-02 |",
    "| [b](b.md) | c | 1,200 | 2026-01-02 |",
    "| [c](c.md) | c | 1,200 after 5,760 episodes | 2026-01-02 |",
  ]);
  expect(indexTable([])).toBe("No study is published yet.");
});

describe("resultSection", () => {
  const row = (changes) => ({
    ...{ margin: 0.01, view: "fixed", task: "all", challenger: "greedy", wins: 47, ties: 6, losses: 43, undecided: 0 },
    ...{ winRate: [0.52, 0.35, 0.67], equalOrBetter: [0.55, 0.36, 0.66], lossRatio: [0.98, 0.9, 1.1] },
    ...changes,
  });
  const digest = {
    ...{
      study: "s",
      date: "2026-01-02",
      commit: { id: "0123456789abcdef", changed: false },
      wallSeconds: 91,
      trainingSeconds: 160,
    },
    machine: { cpu: "AMD EPYC", cores: 2 },
    versions: { "@stride/coordinator": "0.1.0", node: "20.20.2", "onnxruntime-node": "1.30.0" },
    ...{ executors: ["onnx-cpu"], seeds: { tuning: [0, 1], report: [1000] }, trials: { completed: 1500, diverged: 4 } },
    sweep: { steps: 600, learningRates: [0.1, 1], analysis: { margin: 0.01, confidence: 0.9, baseline: "constant" } },
    margins: [0, 0.01],
    winRates: [row({ margin: 0, winRate: [0.51, 0.3, 0.7] }), row({}), row({ task: "mlp", wins: 31 })],
    chosenRates: [
      {
        task: "mlp",
        optimizer: "sgd",
        noise: "none",
        schedule: "greedy",
        learningRate: 1,
        drawn: false,
        tuningMean: 0.2,
      },
    ],
  };
  const pictures = [
    { kind: "bounds", title: "Bounds", file: "s-bounds.svg" },
    { kind: "rates", title: "Rates", file: "s-rates.svg" },
    { kind: "win-rates", title: "Win rates", file: "s-win-rates.svg" },
  ];

  it("says what ran, on what, when", () => {
    const text = resultSection(digest, pictures);
    expect(text).toContain(
      "**1,504 trials** in 1 min 31 s (1,500 completed, 4 diverged), 600 steps each, 2 tuning and 1 report seeds",
    );
    expect(text).toContain("commit 0123456789ab; published 2026-01-02.");
    expect(resultSection({ ...digest, wallSeconds: null }, pictures)).toContain("**1,504 trials** (");
  });

  it("has the rows at the sweep's own margin, the others beside them over all tasks, and the chosen rates", () => {
    const text = resultSection(digest, pictures);
    expect(text).toContain("win rate [90 %]");
    expect(text.match(/\| 52\.0 % \[35\.0, 67\.0\] \|/g)).toHaveLength(2);
    expect(text).toContain("| fixed | greedy | 51.0 %, 55.0 % | 52.0 %, 55.0 % |");
    expect(text).toContain("| mlp | greedy | 1 | 0.2 | at the end of the grid |");
    expect(text).not.toMatch(/undefined|NaN|### Tuned|### By noise|### Steps to a target/);
  });

  it("shows noises and times to a target where the study has them", () => {
    const more = {
      ...digest,
      noises: [{ noise: "labels-0.1", ...row({}) }],
      timeToTarget: { metric: "stepsToTarget", target: 0.25, rows: [row({})] },
    };
    const text = resultSection(more, pictures);
    expect(text).toContain("| labels-0.1 | fixed | greedy | 47 |");
    expect(text).toContain("until an evaluation reaches a loss of 0.25");
    expect(text).toContain("ratio of steps [90 %]");
  });

  it("links every picture once, win rates first", () => {
    const text = resultSection(digest, pictures);
    expect(text.match(/!\[.*?\]\(.*?\)/g)).toEqual([
      "![Win rates](s-win-rates.svg)",
      "![Rates](s-rates.svg)",
      "![Bounds](s-bounds.svg)",
    ]);
  });

  it("folds what is too long to read at once, but never the rows over all tasks", () => {
    const many = Array.from({ length: 30 }, (_, place) => row({ task: `t${place}` }));
    const text = resultSection({ ...digest, winRates: [row({}), ...many] }, pictures);
    expect(text.indexOf("**all**")).toBeLessThan(text.indexOf("<details>"));
    expect(text.indexOf("<details>")).toBeLessThan(text.indexOf("| t0 |"));
  });
});
