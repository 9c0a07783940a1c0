import { type Cohort, InvalidArgument, type RateSpec, type Trial } from "@stride/experiment";
import { sampleResults, sampleStudy } from "@stride/experiment/contracts";
import {
  type CellOptions,
  cellsFromRows,
  summaryMetrics,
  type Target,
  type WinRateCells,
  winRatesFromCells,
} from "@stride/statistics";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anyLoss, randomStudies, store } from "../../test/random-study.js";
import { type TestDatabase, testDatabase } from "../../test/test-database.js";
import { timedRows } from "../../test/timed-rows.js";
import type { PostgresResultStore } from "../index.js";

/** Cells in an order of their own: theirs is free. */
function sorted({ cells, conditions, tunedRates }: WinRateCells): WinRateCells {
  const inOrder = <Item>(items: readonly Item[], key: (item: Item) => readonly unknown[]) =>
    [...items].sort((left, right) => (JSON.stringify(key(left)) < JSON.stringify(key(right)) ? -1 : 1));
  return {
    cells: inOrder(cells, ({ view, challenger, baseline, task, seed }) => [view, challenger, baseline, task, seed]),
    conditions: inOrder(conditions, ({ view, challenger, baseline, task, optimizer, noise, learningRate }) => [
      ...[view, challenger, baseline, task, optimizer, noise, learningRate],
    ]),
    tunedRates: inOrder(
      tunedRates.map(({ parameters: _, ...rate }) => rate), // Rows do not have them.
      ({ task, optimizer, noise, schedule }) => [task, optimizer, noise, schedule],
    ),
  };
}

describe("winRateCells", () => {
  let database: TestDatabase;
  let results: PostgresResultStore;
  let studies = 0;
  beforeAll(async () => {
    database = await testDatabase();
    results = await database.open({ maxAttempts: 1 });
  });
  afterAll(async () => {
    await results[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  /** Whatever a double can say: also what no loss of a training run is. */
  const wildLoss = fc.oneof({ weight: 9, arbitrary: anyLoss }, { weight: 1, arbitrary: fc.double() });

  it("equals cellsFromRows of the trials, to the bit, on any study, metric and margin, with a baseline and without", () =>
    fc.assert(
      fc.asyncProperty(randomStudies(wildLoss), fc.constantFrom(0, 0.01, 0.5), async (study, margin) => {
        const name = `study-${++studies}`;
        await store(results, name, study);
        const rows = await results.trials(name);
        const schedules = [...new Set(rows.map(({ schedule }) => schedule))];
        for (const metric of summaryMetrics) {
          for (const baseline of [undefined, ...schedules]) {
            const options: CellOptions = { metric, margin, baseline };
            const cells = sorted(await results.winRateCells(name, options));
            const expected = sorted(cellsFromRows(rows, options));
            expect(cells).toEqual(expected);
            const intervals = { margin, seed: 7, resamples: 20 };
            expect(winRatesFromCells(cells, intervals)).toEqual(winRatesFromCells(expected, intervals));
          }
        }
      }),
      { numRuns: 25 },
    ));

  it("equals cellsFromRows of the trials and their times to a target, be it a loss or the baseline's", () => {
    const targets = fc.constantFrom<Target>(0.5, 3, "baseline");
    return fc.assert(
      fc.asyncProperty(randomStudies(), targets, async (study, target) => {
        const name = `study-${++studies}`;
        await store(results, name, study);
        for (const metric of ["stepsToTarget", "passesToTarget"] as const) {
          const baseline = study.trials[0]?.cell.schedule.kind ?? "constant";
          const options: CellOptions = { metric, margin: 0.01, target, baseline };
          const expected = cellsFromRows(await timedRows(results, name, { target, baseline }), options);
          expect(sorted(await results.winRateCells(name, options))).toEqual(sorted(expected));
        }
      }),
      { numRuns: 20 },
    );
  });

  it("keeps to the conditions that are asked for, as cellsFromRows does", () =>
    fc.assert(
      fc.asyncProperty(randomStudies(), async (study) => {
        const name = `study-${++studies}`;
        await store(results, name, study);
        const rows = await results.trials(name);
        const [{ task, optimizer, noise } = { task: "", optimizer: "", noise: "" }] = rows;
        for (const asked of [{ task }, { optimizer }, { noise }, { task, optimizer, noise }]) {
          const options: CellOptions = { metric: "finalEvaluationLoss", margin: 0.01, ...asked };
          expect(sorted(await results.winRateCells(name, options))).toEqual(sorted(cellsFromRows(rows, options)));
        }
      }),
      { numRuns: 5 },
    ));

  it("gives a drawn choice's parameters, those alone that the sweep declares otherwise", async () => {
    const { cohorts } = sampleStudy({ name: "drawn", cohorts: 2, trials: 1 });
    const draw = { kind: "warmup", steps: 5, startFraction: 0, schedule: { kind: "greedy", patience: 7, factor: 0.5 } };
    const declared = { ...draw, steps: 9, schedule: { kind: "greedy", patience: 2, factor: 0.5 } };
    const drawn = cohorts.map((cohort): Cohort => {
      const [trial] = cohort.trials as [Trial];
      return { ...cohort, trials: [{ ...trial, schedule: draw as unknown as RateSpec, drawn: true }] };
    });
    const sweep = {
      schedules: [
        { name: "cosine", schedule: { kind: "cosine" } },
        { name: "greedy", schedule: declared },
      ],
    };
    await results.submitStudy({ name: "drawn", source: "", sweep, cohorts: drawn });
    for (const { cohortId, trials } of drawn) {
      const answer = await results.startAttempt({ cohortId, workerId: "worker", executor: "tfjs-cpu" });
      if (answer.kind !== "continue") throw new Error("the attempt was refused");
      await results.finishAttempt({
        cohortId,
        token: answer.token,
        results: sampleResults({ cohortId, studyName: "drawn", trials }),
      });
    }
    const { tunedRates } = await results.winRateCells("drawn", { metric: "finalEvaluationLoss", margin: 0 });
    expect(tunedRates).toMatchObject([
      { schedule: "greedy", drawn: true, parameters: { "schedule.patience": 7, steps: 5 } },
    ]);
    expect(Object.keys(tunedRates[0]?.parameters ?? {})).toHaveLength(2);
  });

  it("has no cells of an unknown study, also with a baseline", async () => {
    const nothing = { cells: [], conditions: [], tunedRates: [] };
    for (const baseline of [undefined, "cosine"]) {
      expect(await results.winRateCells("unknown", { metric: "areaUnderCurve", margin: 0, baseline })).toEqual(nothing);
    }
  });

  it("leaves out a schedule whose trials were submitted after the scores were read", async () => {
    const [study] = fc.sample(randomStudies(), { numRuns: 1, seed: 2 });
    if (study === undefined) throw new Error("no study was made");
    await store(results, "growing", study);
    const options = { metric: "finalEvaluationLoss", margin: 0.01 } as const;
    const before = await results.winRateCells("growing", options);
    await database.query(`
      insert into stride.configurations
        (study_key, task, optimizer, schedule, learning_rate, steps, evaluate_every, task_spec, optimizer_spec, schedule_spec)
      select distinct on (task, optimizer)
        study_key, task, optimizer, 'newcomer', learning_rate, steps, evaluate_every, task_spec, optimizer_spec, '{}'::jsonb
      from stride.configurations join stride.studies using (study_key)
      where name = 'growing'`);
    expect(await results.winRateCells("growing", options)).toEqual(before);
  });

  it("refuses a margin that is none, names that the study does not have, and times without a target", async () => {
    const [study] = fc.sample(randomStudies(), { numRuns: 1, seed: 1 });
    if (study === undefined) throw new Error("no study was made");
    await store(results, "refused", study);
    const wrong: readonly Partial<CellOptions>[] = [
      ...[{ margin: -0.1 }, { margin: Number.NaN }, { baseline: "nobody" }],
      ...[{ task: "nothing" }, { optimizer: "nothing" }, { noise: "nothing" }],
      { metric: "stepsToTarget" },
      { metric: "passesToTarget", target: "baseline" },
      { metric: "stepsToTarget", target: Number.NaN },
    ];
    for (const part of wrong) {
      const cells = results.winRateCells("refused", { metric: "areaUnderCurve", margin: 0, ...part });
      await expect(cells).rejects.toThrow(InvalidArgument);
    }
  });
});
