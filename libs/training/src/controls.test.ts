import { createExecutor, type Executor } from "@stride/compile";
import { afterAll, beforeAll, expect, it } from "vitest";
import { curveOf, resultsOf, trainAll, trialOf } from "../test/cohorts.js";

const greedy = { kind: "greedy", patience: 0, factor: 0.7 };
const nmf = { kind: "nmf", data: "synthetic", rank: 4, batch: 8, rows: 64, columns: 32, evaluationRows: 16 };
const request = { task: nmf, learningRate: 0.1, steps: 60, evaluateEvery: 20, seed: 7 };

let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor("onnx-cpu");
});
afterAll(() => executor[Symbol.asyncDispose]());

async function trained(schedule: unknown, seed = request.seed) {
  const one = { ...request, schedule, seed };
  const reports = await trainAll(executor, [one]);
  return { curve: curveOf(reports, trialOf(one)), result: resultsOf(reports)[0] };
}

it("reseeds: the schedule as another seed trains it, under the seed's name", async () => {
  const reseeded = await trained({ kind: "reseeded", schedule: greedy });
  const elsewhere = await trained(greedy, 1_000_000_007);
  expect(reseeded.curve).toEqual(elsewhere.curve);
  expect(reseeded.curve).not.toEqual((await trained(greedy)).curve);
});

it("replays the rates of another run, and charges it", async () => {
  const replay = await trained({ kind: "replay", schedule: greedy });
  const shadow = await trained(greedy, 1_000_000_007);
  const watching = await trained(greedy);
  expect(replay.curve.learningRates).toEqual(shadow.curve.learningRates);
  expect(replay.curve.learningRates).not.toEqual(watching.curve.learningRates);
  // The same start and data as the seed's own run.
  expect(replay.curve.evaluations[0]).toEqual(watching.curve.evaluations[0]);
  expect(replay.result?.backwardPasses).toBe(120);
  expect(replay.result?.outcome).toEqual({ kind: "completed" });
});
