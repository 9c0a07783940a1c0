import { InvalidArgument } from "@stride/experiment";
import { type CellOptions, cellsFromRows, metrics, type WinRateCells, winRatesFromCells } from "@stride/statistics";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anyLoss, randomStudies, store } from "../../test/random-study.js";
import { type TestDatabase, testDatabase } from "../../test/test-database.js";
import type { PostgresResultStore } from "../index.js";

/** Cells in an order of their own: theirs is free. */
function sorted({ cells, conditions, tunedRates }: WinRateCells): WinRateCells {
  const inOrder = <Item>(items: readonly Item[], key: (item: Item) => readonly unknown[]) =>
    [...items].sort((left, right) => (JSON.stringify(key(left)) < JSON.stringify(key(right)) ? -1 : 1));
  return {
    cells: inOrder(cells, ({ view, challenger, baseline, task, seed }) => [view, challenger, baseline, task, seed]),
    conditions: inOrder(conditions, ({ view, challenger, baseline, task, optimizer, learningRate }) => [
      ...[view, challenger, baseline, task, optimizer, learningRate],
    ]),
    tunedRates: inOrder(tunedRates, ({ task, optimizer, schedule }) => [task, optimizer, schedule]),
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
        for (const metric of metrics) {
          for (const baseline of [undefined, ...schedules]) {
            const options: CellOptions = { metric, margin, baseline };
            const cells = await results.winRateCells(name, options);
            const expected = cellsFromRows(rows, options);
            expect(sorted(cells)).toEqual(sorted(expected));
            const intervals = { margin, seed: 7, resamples: 20 };
            expect(winRatesFromCells(cells, intervals)).toEqual(winRatesFromCells(expected, intervals));
          }
        }
      }),
      { numRuns: 25 },
    ));

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

  it("refuses a negative margin, and a baseline that is none of the study's schedules", async () => {
    const [study] = fc.sample(randomStudies(), { numRuns: 1, seed: 1 });
    if (study === undefined) throw new Error("no study was made");
    await store(results, "refused", study);
    for (const wrong of [{ margin: -0.1 }, { margin: Number.NaN }, { baseline: "nobody" }]) {
      const cells = results.winRateCells("refused", { metric: "areaUnderCurve", margin: 0, ...wrong });
      await expect(cells).rejects.toThrow(InvalidArgument);
    }
  });
});
