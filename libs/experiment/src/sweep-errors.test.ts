import { gradientRuleKinds } from "@stride/optimizers/spec";
import { scheduleKinds } from "@stride/schedules/spec";
import { describe, expect, it } from "vitest";
import { good, messagesOf, rates, schedule, tasks } from "../test/broken-sweeps.js";
import { controlKinds } from "./controls.js";
import { InvalidArgument } from "./errors.js";
import { parseSweep } from "./sweep.js";

const keys = "study, tasks, optimizers, schedules, learningRates, seeds, steps, evaluate, search, noise, analysis";
const required = "study, tasks, schedules, learningRates, seeds, steps";
const aRate = "must be a number above 0 and at most 1000000, got";
const aListOfRates =
  "must be a list of 1 to 10000 entries or a mapping like { logGrid: { from: 0.001, to: 1, points: 7 } }, got";
const aStep = "must be a whole number from 1 to 10000000, got";
const aStudy =
  "study must be a name of at most 100 lower-case letters, digits, '.', '_' and '-' that begins and ends with a letter or " +
  "digit, got";
const kinds = [...scheduleKinds, ...gradientRuleKinds, ...controlKinds].map(({ kind }) => kind).join(", ");

it("accepts the file that the cases below break", () => {
  expect(parseSweep(good).study).toBe("s");
});

it("is an InvalidArgument with every issue and its place", () => {
  const parse = () => parseSweep(good.replace("100", "none").replace("{ kind: constant }", "{ kind: constan }"));
  expect(parse).toThrow(InvalidArgument);
  try {
    parse();
  } catch (error) {
    expect(error).toMatchObject({
      name: "InvalidSweepFile",
      file: "sweep",
      issues: [
        { line: 5, column: 13, path: "schedules[0].kind" },
        { line: 8, column: 8, path: "steps", message: `${aStep} "none"` },
      ],
    });
  }
});

it("lists thirty issues and counts the rest", () => {
  const lines = messagesOf(good.replace("[0.1]", `[${Array(40).fill(-1).join()}]`));
  expect(lines).toHaveLength(31);
  expect(lines.at(-1)).toBe("… and 10 more");
});

describe("YAML", () => {
  it.each([
    ["an empty file", "", `1:1 a sweep file must be a mapping with ${required}, got nothing`],
    ["comments alone", "# nothing\n", `1:1 a sweep file must be a mapping with ${required}, got nothing`],
    ["a word", "hello", `1:1 a sweep file must be a mapping with ${required}, got "hello"`],
    ["a list", "- a\n", `1:1 a sweep file must be a mapping with ${required}, got a list of 1 entry`],
    [
      "a tab",
      "study: s\ntasks:\n\t- { kind: quadratic }\n",
      "3:1 a tab is used for indentation: YAML allows spaces alone",
    ],
    ["two documents", `${good}---\n${good}`, "9:1 a second YAML document begins here: a file holds one sweep"],
    ["an alias", "study: &a s\ntasks: *a\n", "2:8 the alias *a must be written out: aliases are refused"],
    ["a bomb of aliases", bomb(), "2:10 the alias *a0 must be written out: aliases are refused"],
    ["an alias of itself", "study: &a [*a]\n", "1:12 the alias *a must be written out: aliases are refused"],
    ["a tag", "study: !!js/function s\n", "1:8 this is not YAML: Unresolved tag: tag:yaml.org,2002:js/function"],
    ["a list as a key", `${good}? [a]\n: 1\n`, "9:3 a key must be a plain word"],
    ["an empty key", `${good}? \n: 1\n`, "9:3 a key must be a plain word"],
    ["deep lists", `study: ${"[".repeat(200)}${"]".repeat(200)}`, "1:71 the file is nested deeper than 64 levels"],
    ["very deep lists", "[".repeat(50_000), "1:65 the file is nested deeper than 64 levels"],
    [
      "lists in lists on one line",
      `study:\n${"- ".repeat(200_000)}a`,
      "2:127 the file is nested deeper than 64 levels",
    ],
    ["mappings in mappings", `study: ${"{ a: ".repeat(100_000)}`, "1:323 the file is nested deeper than 64 levels"],
    ["keys in keys", "? ".repeat(100_000), "1:129 the file is nested deeper than 64 levels"],
    ["a huge file", `# ${"x".repeat(1_000_000)}`, "1:1 the file must not exceed 1000000 characters, got 1000002"],
    ["a NUL in a comment", `${good}# \0\n`, "9:3 the control character U+0000 stands here: a sweep file is text"],
    [
      "a terminal's escape",
      "study: \u001b[2Js\n",
      "1:8 the control character U+001B stands here: a sweep file is text",
    ],
    [
      "a mapping without end",
      `study: s\n${Array.from({ length: 1_000 }, (_, index) => `k${index}: 1`).join("\n")}\n`,
      "1:1 a mapping must not have more than 1000 keys, got 1001",
    ],
  ])("refuses %s", (_, text, message) => {
    expect(messagesOf(text)).toEqual([`x.yaml:${message}`]);
  });

  it("names every repeated key", () => {
    const text = `${good.replace("{ kind: constant }", "{ kind: constant, kind: cosine }")}steps: 5\n`;
    expect(messagesOf(text)).toEqual([
      'x.yaml:5:23 the key "kind" stands here a second time',
      'x.yaml:9:1 the key "steps" stands here a second time',
    ]);
  });

  it("says where a bracket was left open", () => {
    const [first, ...rest] = messagesOf(good.replace("{ kind: constant }", "{ kind: constant"));
    expect(first).toMatch(/^x\.yaml:6:1 this is not YAML: /);
    expect(rest).toEqual([]);
  });
});

describe("a grid of more combinations than there may be trials", () => {
  it("is counted, not gone through", () => {
    const many = (length: number, entry: (index: number) => string) =>
      Array.from({ length }, (_, index) => entry(index));
    const text = good
      .replace(
        /tasks:[\s\S]*?(?=\nschedules:)/,
        `tasks: [${many(9_000, (i) => `{ kind: quadratic, dimension: ${i + 1} }`)}]`,
      )
      .replace("seeds:", `optimizers: [${many(9_000, (i) => `{ kind: sgd, momentum: 0.${10_000 + i} }`)}]\nseeds:`);
    expect(messagesOf(text)).toEqual([
      expect.stringMatching(
        /a study must have at most 200000 combinations, got \d+ \(9000 tasks × 9000 optimizers × \d+ schedules\)/,
      ),
    ]);
  });
});

describe("a sweep file", () => {
  it.each([
    // Keys
    ["stepz", ["steps: 100", "steps: 100\nstepz: 1"], "9:1 stepz is no key here: did you mean steps?"],
    ["far", ["steps: 100", "steps: 100\nfar: 1"], `9:1 far is no key here: allowed are ${keys}`],
    ["a prototype", ["steps: 100", "steps: 100\n__proto__: {}"], `9:1 __proto__ is no key here: allowed are ${keys}`],
    [
      "factro",
      schedule("{ kind: greedy, factro: 0.5 }"),
      "5:21 schedules[0].factro is no key here: did you mean factor?",
    ],
    ["nmae", schedule("{ nmae: a, kind: constant }"), "5:7 schedules[0].nmae is no key here: did you mean name?"],
    [
      "a schedule's own keys",
      schedule("{ kind: constant, zzz: 1 }"),
      "5:23 schedules[0].zzz is no key here: allowed are name, only, search, clip, stability, kind",
    ],
    [
      "an inner schedule's keys",
      schedule("{ kind: warmup, steps: 5, schedule: { kind: constant, name: a } }"),
      "5:59 schedules[0].schedule.name is no key here: allowed are kind",
    ],
    [
      "a task's keys, by its data",
      tasks("{ kind: nmf, data: mnist, columns: 10 }"),
      "3:31 tasks[0].columns is no key here: allowed are kind, data, rank, batch, rows, evaluationRows",
    ],
    ["no steps", ["steps: 100\n", ""], "1:1 steps is missing: it must be a whole number from 1 to 10000000"],
    ["empty steps", ["steps: 100", "steps:"], `8:1 steps ${aStep} nothing`],
    [
      "no report",
      ["tuning: 1, report: 2", "tuning: 1"],
      "7:8 seeds.report is missing: it must be a whole number from 1 to 100000",
    ],
    // Kinds
    [
      "constnat",
      schedule("{ kind: constnat }"),
      `5:13 schedules[0].kind must be one of ${kinds}, got "constnat" (did you mean constant?)`,
    ],
    ["no kind", schedule("{ name: a }"), `5:5 schedules[0].kind is missing: it must be one of ${kinds}`],
    [
      "a bare kind",
      schedule("cosine"),
      '5:5 schedules[0] must be a mapping like { name: slow, kind: cosine }, got "cosine"',
    ],
    [
      "an unknown data set",
      tasks("{ kind: nmf, data: mnits }"),
      '3:24 tasks[0].data must be one of mnist, photographs, word-counts, synthetic, got "mnits" (did you mean mnist?)',
    ],
    // Numbers
    ["half a step", ["100", "1.5"], `8:8 steps ${aStep} 1.5`],
    ["no step", ["100", "0"], `8:8 steps ${aStep} 0`],
    ["too many steps", ["100", "1e12"], `8:8 steps ${aStep} 1000000000000`],
    ["a number as text", ["100", '"100"'], `8:8 steps ${aStep} "100"`],
    ["a number of YAML 1.1", ["100", "1_000"], `8:8 steps ${aStep} "1_000"`],
    ["a negative rate", rates("[0.1, -0.5]"), `6:22 learningRates[1] ${aRate} -0.5`],
    ["a rate of 0", rates("[0]"), `6:17 learningRates[0] ${aRate} 0`],
    ["NaN", rates("[.nan]"), `6:17 learningRates[0] ${aRate} NaN`],
    ["infinity", rates("[.inf]"), `6:17 learningRates[0] ${aRate} Infinity`],
    ["a word", rates("[fast]"), `6:17 learningRates[0] ${aRate} "fast"`],
    ["an empty grid", rates("[]"), `6:16 learningRates ${aListOfRates} a list of 0 entries`],
    ["a bare rate", rates("0.1"), `6:16 learningRates ${aListOfRates} 0.1`],
    [
      "no points",
      rates("{ logGrid: { from: 1, to: 2, points: 0 } }"),
      "6:53 learningRates.logGrid.points must be a whole number from 1 to 1000, got 0",
    ],
    [
      "a grid downwards",
      rates("{ logGrid: { from: 1, to: 0.1, points: 3 } }"),
      "6:42 learningRates.logGrid.to must be above from (and equal to it with one point), got 0.1",
    ],
    [
      "a grid of equal rates",
      rates("{ logGrid: { from: 1, to: 1.0000000000001, points: 9 } }"),
      "6:67 learningRates.logGrid.points must be fewer: from and to are too close for so many different rates, got 9",
    ],
    [
      "no tasks",
      ["tasks:\n  - { kind: quadratic }", "tasks: []"],
      "2:8 tasks must be a list of 1 to 10000 entries, got a list of 0 entries",
    ],
    ["no report seeds", ["report: 2", "report: 0"], "7:29 seeds.report must be a whole number from 1 to 100000, got 0"],
    [
      "a width of 0",
      tasks("{ kind: mlp, data: mnist, hidden: [8, 0] }"),
      "3:43 tasks[0].hidden[1] must be a whole number from 1 to 8192, got 0",
    ],
    [
      "a factor of 1",
      schedule("{ kind: greedy, factor: 1 }"),
      "5:29 schedules[0].factor must be a number above 0 and below 1, got 1",
    ],
    // Names
    ["a study with spaces", ["study: s", "study: A b"], `1:8 ${aStudy} "A b"`],
    ["a number as a study", ["study: s", "study: 3"], `1:8 ${aStudy} 3`],
  ] as const)("refuses %s", (_, [from, to], message) => {
    expect(good).toContain(from);
    expect(messagesOf(good.replace(from, to))).toEqual([`x.yaml:${message}`]);
  });

  it("reports everything at once, in the order of the file", () => {
    const text = good
      .replace("{ kind: constant }", "{ kind: greedy, factro: 0.5, patience: -1 }")
      .replace("steps: 100", "step: 100\nanalysis: { metric: loss, margin: -1, confidence: 95 }");
    expect(messagesOf(text)).toEqual([
      "x.yaml:1:1 steps is missing: it must be a whole number from 1 to 10000000",
      "x.yaml:5:21 schedules[0].factro is no key here: did you mean factor?",
      "x.yaml:5:44 schedules[0].patience must be a whole number from 0 to 1000000000, got -1",
      "x.yaml:8:1 step is no key here: did you mean steps?",
      'x.yaml:9:21 analysis.metric must be one of finalEvaluationLoss, bestEvaluationLoss, areaUnderCurve, stepsToTarget, passesToTarget, got "loss"',
      "x.yaml:9:35 analysis.margin must be a number at least 0 and below 1, got -1",
      "x.yaml:9:51 analysis.confidence must be a number above 0 and below 1, got 95",
    ]);
  });
});

/** Two to the fiftieth entries in fifty lines. */
function bomb(): string {
  const lines = Array.from({ length: 50 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`);
  return `a0: &a0 [x]\n${lines.join("\n")}\n`;
}
