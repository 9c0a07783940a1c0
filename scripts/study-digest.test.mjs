import { describe, expect, it } from "vitest";
import {
  bandColumns,
  chosenRates,
  groupsWith,
  outcomeCounts,
  panelNames,
  ratiosToBounds,
  rowsByPicture,
  seedsOf,
  shortWinRate,
  shownTrials,
} from "./study-digest.mjs";

const rate = {
  task: "mlp",
  optimizer: "sgd",
  noise: "none",
  schedule: "greedy",
  learningRate: 0.1,
  drawn: false,
  tuningMean: 0.123456,
};
const trial = { ...rate, split: "report", seed: 1000, outcome: "completed" };

describe("shortWinRate", () => {
  it("keeps counts and four digits, and turns log ratios into ratios", () => {
    const none = { value: null, lower: null, upper: null };
    const row = {
      ...{
        view: "fixed",
        task: "all",
        challenger: "greedy",
        baseline: "constant",
        wins: 2,
        ties: 1,
        losses: 0,
        undecided: 0,
      },
      winRate: { value: 5 / 6, lower: 0.5, upper: 1 },
      equalOrBetter: none,
      meanLogRatio: { value: Math.log(0.5), lower: Math.log(0.25), upper: 0 },
      rates: [rate],
    };
    expect(shortWinRate(row)).toEqual({
      ...{ view: "fixed", task: "all", challenger: "greedy", wins: 2, ties: 1, losses: 0, undecided: 0 },
      winRate: [0.8333, 0.5, 1],
      equalOrBetter: [null, null, null],
      lossRatio: [0.5, 0.25, 1],
    });
  });
});

describe("chosenRates", () => {
  it("has each rate once, though every comparison repeats the baseline's", () => {
    const base = { ...rate, schedule: "constant", learningRate: 1 };
    const rows = [
      { task: "all", rates: [base, rate] },
      { task: "mlp", rates: [base, rate] },
      { task: "mlp", rates: [base, { ...rate, schedule: "cosine", tuningMean: null }] },
    ];
    expect(chosenRates(rows).map(({ schedule, tuningMean }) => [schedule, tuningMean])).toEqual([
      ["constant", 0.1235],
      ["cosine", null],
      ["greedy", 0.1235],
    ]);
  });
});

describe("shownTrials", () => {
  const trials = [
    trial,
    { ...trial, learningRate: 1 },
    { ...trial, drawn: true },
    { ...trial, split: "tuning" },
    { ...trial, schedule: "constant", learningRate: 1 },
  ];

  it("are report seeds at each schedule's own chosen rate", () => {
    const constant = { ...rate, schedule: "constant", learningRate: 1 };
    expect(shownTrials(trials, [rate, constant], [0.1, 1])).toEqual({ rate: "chosen", trials: [trials[0], trials[4]] });
  });

  it("are at the middle of the grid without tuning, whatever the losses", () => {
    expect(shownTrials(trials, [], [10, 1, 0.1])).toEqual({ rate: 1, trials: [trials[1], trials[4]] });
  });
});

it("divides rates by bounds, but not by those that are not finite", () => {
  expect(ratiosToBounds({ learningRates: [0.5, 0.5, 0.25, 1], bounds: [1, null, 0.25, 0] })).toEqual([
    0.5,
    null,
    1,
    null,
  ]);
});

describe("panelNames", () => {
  it("say the optimizer and the noise only where there are several", () => {
    expect(panelNames([trial])(trial)).toBe("mlp");
    const other = { ...trial, optimizer: "adam", noise: "labels-0.1" };
    expect(panelNames([trial, other])(other)).toBe("mlp · adam · noise labels-0.1");
  });
});

describe("bandColumns", () => {
  it("has a list a column, and null where a quartile diverged", () => {
    const point = { panel: "p", schedule: "s" };
    const bands = [
      { ...point, step: 0, lower: 1, median: 2, upper: 3 },
      { ...point, step: 9, lower: 1 / 3, median: 2 / 3, upper: null },
    ];
    const columns = { steps: [0, 9], lower: [1, 0.3333], median: [2, 0.6667], upper: [3, null] };
    expect(bandColumns(bands)).toEqual([{ ...point, ...columns }]);
  });
});

describe("groupsWith", () => {
  it.each([
    { others: [], expected: [["b"]] },
    { others: [1, 2, 3], expected: [["b", 1, 2, 3]] },
    {
      others: [1, 2, 3, 4],
      expected: [
        ["b", 1, 2],
        ["b", 3, 4],
      ],
    },
    {
      others: [1, 2, 3, 4, 5, 6, 7],
      expected: [
        ["b", 1, 2, 3],
        ["b", 4, 5, 6],
        ["b", 7],
      ],
    },
  ])("puts the baseline before each group of $others", ({ others, expected }) => {
    expect(groupsWith("b", others, 4)).toEqual(expected);
  });
});

describe("rowsByPicture", () => {
  it("keeps a task's rows together, all tasks first", () => {
    const rows = ["a", "a", "b", "all", "all", "b"].map((task) => ({ task }));
    const tasks = rowsByPicture(rows, 4).map((picture) => picture.map(({ task }) => task));
    expect(tasks).toEqual([
      ["all", "all", "a", "a"],
      ["b", "b"],
    ]);
  });
});

it("counts trials by outcome, and lists the seeds of each split", () => {
  const trials = [trial, { ...trial, outcome: "diverged", seed: 1001 }, { ...trial, split: "tuning", seed: 0 }];
  expect(outcomeCounts(trials)).toEqual({ completed: 2, diverged: 1 });
  expect(seedsOf(trials)).toEqual({ tuning: [0], report: [1000, 1001] });
});
