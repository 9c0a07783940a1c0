import { createExecutor, type Executor, type ExecutorName } from "@stride/compile";
import { createSchedule, type Observation, type Scheduler } from "@stride/schedules";
import type { ScheduleSpec } from "@stride/schedules/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cohortOf, collect, curveOf, resultsOf, trainAll, trialOf } from "../test/cohorts.js";
import { train } from "./train.js";

const nmf = { kind: "nmf", data: "synthetic", rank: 3, batch: 16, rows: 16, evaluationRows: 4, columns: 10 };
/** Full batches, exact gradients, plain descent. */
const request = { task: nmf, steps: 200, evaluateEvery: 200 };

describe.each<ExecutorName>(["onnx-cpu", "tfjs-cpu"])("a training under a stability bound on %s", (name) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createExecutor(name);
  });
  afterAll(() => executor[Symbol.asyncDispose]());

  const trained = async (more: object) => {
    const one = { ...request, ...more };
    const reports = await trainAll(executor, [one]);
    return { ...curveOf(reports, trialOf(one)), result: resultsOf(reports)[0], reports };
  };
  /** The largest rise of the loss in one step, relative to it. */
  const worstRise = (losses: readonly number[]) =>
    losses.slice(1).reduce((worst, loss, i) => Math.max(worst, loss / (losses[i] as number) - 1), -1);

  it.each([1, 2, 3])(
    "never lets the loss rise at nine tenths of the bound, whatever the rate (seed %i)",
    async (seed) => {
      const stability = { clip: true, fraction: 0.9 };
      const { trainingLosses } = await trained({ seed, stability, learningRate: 1000 });
      // Rounding alone: a loss that has converged moves in its last digits.
      expect(worstRise(trainingLosses)).toBeLessThan(2e-6);
      expect(trainingLosses.at(-1)).toBeLessThan(0.02 * (trainingLosses[0] as number));
    },
  );

  it("lets it rise without the bound, at a rate that is twice the first one", async () => {
    const { bounds } = await trained({ steps: 1, stability: {}, learningRate: 0.01 });
    const { trainingLosses } = await trained({ steps: 2, learningRate: 2 * (bounds[0] as number) });
    expect(trainingLosses[1]).toBeGreaterThan(trainingLosses[0] as number);
  });

  it("records the bound of each step, and the lesser of it and the rule's rate", async () => {
    const stability = { clip: true, fraction: 0.5 };
    const cosine = { learningRate: 2, schedule: { kind: "cosine" } };
    const { learningRates, bounds, lowestRates } = await trained({ ...cosine, stability });
    const rate = createSchedule(trialOf(cosine).schedule as ScheduleSpec, { learningRate: 2, steps: 200 });
    expect(bounds).toHaveLength(200);
    expect(lowestRates).toEqual([]);
    // What is not held back is recorded to the last digit of double precision,
    expect(learningRates).toEqual(bounds.map((bound, step) => Math.min(rate(step), bound)));
    const held = learningRates.filter((rate, i) => rate === bounds[i]).length;
    expect(held).toBeGreaterThan(10);
    expect(held).toBeLessThan(190);
  });

  it("starts at multiples of the first bound, and charges the step that reads it", async () => {
    const { bounds } = await trained({ steps: 1, stability: { fraction: 0.5 } });
    const schedule = { kind: "cosine" };
    const {
      result,
      bounds: _,
      ...started
    } = await trained({
      schedule,
      learningRate: 0.8,
      stability: { start: true, fraction: 0.5 },
    });
    expect(started.learningRates[0]).toBe(0.8 * (bounds[0] as number));
    expect([result?.forwardPasses, result?.backwardPasses]).toEqual([201, 201]);
    const plain = await trained({ schedule, learningRate: 0.8 * (bounds[0] as number), stability: { fraction: 0.5 } });
    expect(started.trainingLosses).toEqual(plain.trainingLosses);
    expect(started.learningRates).toEqual(plain.learningRates);
    expect(started.evaluations).toEqual(plain.evaluations);
  });

  it("shows a rule the norm of the gradient and the bound, whole, and tells it the rate it begins with", async () => {
    const seen: Observation[] = [];
    const bases: number[] = [];
    const watcher = (rate: number): Scheduler<number> => ({
      init: () => rate,
      update: (state, observation) => {
        seen.push(observation);
        return state;
      },
      learningRate: (state) => state,
    });
    const one = {
      ...request,
      steps: 6,
      schedule: { kind: "greedy", every: 3 },
      learningRate: 0.5,
      stability: { start: true, fraction: 0.25 },
    };
    const reports = await collect(
      train({
        cohort: cohortOf([one]),
        executor,
        watch: { gradientNorms: true },
        scheduler: (_trial, _slice, base) => {
          bases.push(base);
          return watcher(base) as Scheduler;
        },
      }),
    );
    const { bounds, learningRates } = curveOf(reports, trialOf(one));
    expect(bases).toEqual([0.5 * (bounds[0] as number)]);
    expect(learningRates).toEqual(Array(6).fill(bases[0]));
    expect(seen.map(({ bound }) => bound)).toEqual(bounds.map((bound) => 4 * bound));
    const norms = seen.map(({ gradientNorm }) => gradientNorm as number);
    // Near a step of plain descent the loss falls by about the rate times the square of the norm.
    for (const [i, norm] of norms.slice(1).entries()) {
      expect(norm).toBeGreaterThan(0);
      expect(norm).toBeLessThan(norms[i] as number);
    }
  });

  it("that does nothing with the bound trains as without, and records it", async () => {
    const { result, reports, bounds, ...watched } = await trained({ learningRate: 0.05, stability: {} });
    const { result: _, reports: plainReports, bounds: none, ...plain } = await trained({ learningRate: 0.05 });
    expect(bounds).toHaveLength(200);
    expect(none).toEqual([]);
    expect(plainReports.flatMap(({ chunks }) => chunks).some((chunk) => "bounds" in chunk)).toBe(false);
    watched.trainingLosses.forEach((loss, i) => {
      expect(loss / (plain.trainingLosses[i] as number)).toBeCloseTo(1, 4);
    });
    expect(watched.learningRates).toEqual(plain.learningRates);
  });
});
