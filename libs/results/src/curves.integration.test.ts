import type { AttemptReport, ResultStore } from "@stride/experiment";
import { sampleStudy } from "@stride/experiment/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../test/test-database.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

/** What no arithmetic rounds away unseen: signs of zero, denormals, the ends of the range, and what is no number. */
const doubles = [
  ...[0, -0, 5e-324, -5e-324, 2.2250738585072014e-308, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1, 1 / 3],
  ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
];
const singles = Float32Array.from([1.401298464324817e-45, -1.1754942106924411e-38, 3.4028234663852886e38, ...doubles]);
const rates = Float64Array.from(singles, (_, step) => doubles[step % doubles.length] as number);

const bits = (array: Float32Array | Float64Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/** Opens an attempt at the one trial of a study of its own. */
async function started(store: ResultStore, name: string) {
  const study = sampleStudy({ name, trials: 1 });
  await store.submitStudy(study);
  const cohortId = `c-${name}-0`;
  const answer = await store.startAttempt({ cohortId, workerId: "worker", executor: "tfjs-cpu" });
  if (answer.kind !== "continue") throw new Error(answer.kind);
  const report = (rest: Partial<AttemptReport>) =>
    store.report({ cohortId, token: answer.token, step: 0, chunks: [], evaluations: [], ...rest });
  return { trialId: `t-${name}-0-0`, report };
}

it("gives curves and evaluations back to the bit", async () => {
  await using store = await database.open();
  const { trialId, report } = await started(store, "bits");
  await report({
    chunks: [0, singles.length].map((firstStep) => ({
      trialId,
      firstStep,
      trainingLosses: singles,
      learningRates: rates,
    })),
    evaluations: doubles.map((loss, step) => ({ trialId, step, loss })),
  });
  const [curve] = await store.curves("bits", {});
  expect(bits(curve?.trainingLosses ?? singles.slice(0, 0))).toEqual(Buffer.concat([bits(singles), bits(singles)]));
  expect(bits(curve?.learningRates ?? rates.slice(0, 0))).toEqual(Buffer.concat([bits(rates), bits(rates)]));
  expect(curve?.evaluations).toEqual(doubles.map((loss, step) => ({ step, loss })));
});

it("records evaluations that come without steps, and a chunk of no steps", async () => {
  await using store = await database.open();
  const { trialId, report } = await started(store, "empty");
  const nothing = { trialId, firstStep: 0, trainingLosses: new Float32Array(), learningRates: new Float64Array() };
  await report({ evaluations: [{ trialId, step: 0, loss: 2 }] });
  await report({ chunks: [nothing], evaluations: [{ trialId, step: 10, loss: 1 }] });
  expect(await store.curves("empty", {})).toEqual([
    {
      trialId,
      trainingLosses: new Float32Array(),
      learningRates: new Float64Array(),
      evaluations: [
        { step: 0, loss: 2 },
        { step: 10, loss: 1 },
      ],
    },
  ]);
});

it("refuses a chunk with more losses than learning rates, and records nothing of its batch", async () => {
  await using store = await database.open();
  const { trialId, report } = await started(store, "uneven");
  const uneven = { trialId, firstStep: 0, trainingLosses: singles, learningRates: rates.slice(1) };
  await expect(report({ chunks: [uneven], evaluations: [{ trialId, step: 0, loss: 1 }] })).rejects.toThrow(
    "a chunk of trial t-uneven-0-0 must have as many losses as learning rates",
  );
  expect((await store.curves("uneven", {}))[0]?.evaluations).toEqual([]);
});

it("reads a step that is missing between chunks as NaN", async () => {
  await using store = await database.open();
  const { trialId, report } = await started(store, "gap");
  const chunk = { trialId, trainingLosses: Float32Array.of(1), learningRates: Float64Array.of(0.1) };
  await report({ chunks: [0, 2].map((firstStep) => ({ ...chunk, firstStep })) });
  const [curve] = await store.curves("gap", {});
  expect(curve?.trainingLosses).toEqual(Float32Array.of(1, Number.NaN, 1));
  expect(curve?.learningRates).toEqual(Float64Array.of(0.1, Number.NaN, 0.1));
});

it("refuses a chunk with more of anything than losses, and records nothing of its batch", async () => {
  await using store = await database.open();
  const { trialId, report } = await started(store, "unseen");
  const chunk = { trialId, firstStep: 0, trainingLosses: Float32Array.of(1), learningRates: Float64Array.of(0.1) };
  const unlike = { ...chunk, firstStep: 1, highestRates: Float32Array.of(1, 2) };
  await expect(report({ chunks: [chunk, unlike] })).rejects.toThrow(
    "a chunk of trial t-unseen-0-0 must have as many highestRates as losses",
  );
  expect((await store.curves("unseen", {}))[0]?.trainingLosses).toHaveLength(0);
});

it("learning_curves has a row a step and a row an evaluation", async () => {
  await using store = await database.open();
  const { trialId, report } = await started(store, "view");
  await report({
    chunks: [
      { trialId, firstStep: 0, trainingLosses: Float32Array.of(4, 3), learningRates: Float64Array.of(0.1, 0.2) },
      {
        ...{ trialId, firstStep: 2, trainingLosses: Float32Array.of(Number.NaN), learningRates: Float64Array.of(0.3) },
        ...{ seenLosses: Float32Array.of(Number.POSITIVE_INFINITY), lowestRates: Float32Array.of(0.25) },
        ...{ highestRates: Float32Array.of(0.5), bounds: Float32Array.of(Number.POSITIVE_INFINITY) },
      },
    ],
    evaluations: [{ trialId, step: 2, loss: 5 }],
  });
  const text = `select step, training_loss, learning_rate, evaluation_loss, seen_loss, lowest_rate, highest_rate, stability_bound
    from stride.learning_curves
    where study = 'view' and trial_id = $1 and schedule = 'greedy' and split = 'report' order by evaluation_loss is null, step`;
  expect((await database.query(text, [trialId])).map((row) => Object.values(row))).toEqual([
    [2, null, null, 5, null, null, null, null],
    [0, 4, 0.1, null, null, null, null, null],
    [1, 3, 0.2, null, null, null, null, null],
    [2, Number.NaN, 0.3, null, Number.POSITIVE_INFINITY, 0.25, 0.5, Number.POSITIVE_INFINITY],
  ]);
});
