import { expect, it } from "vitest";
import type { Trial } from "../domain.js";
import type { ResultStore } from "../ports.js";
import { sampleLoss, sampleRate, sampleReport, sampleResults } from "./samples.js";
import { finished, started, submitted } from "./start.js";

const range = (length: number) => Array.from({ length }, (_, index) => index);

/** Chunks and evaluations. */
export function curvesContract(open: () => Promise<ResultStore>): void {
  it("joins chunks to whole curves, numbers unchanged", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    const key = await started(store, cohort);
    for (const [from, to] of [
      [0, 10],
      [10, 25],
      [25, 40],
    ] as const) {
      expect(await store.report(sampleReport(cohort, { ...key, from, to }))).toEqual({ kind: "continue" });
    }
    expect(await store.curves(name, {})).toEqual(
      cohort.trials.map(({ trialId }, place) => ({
        trialId,
        trainingLosses: Float32Array.from(range(40), (step) => sampleLoss(place, step)),
        learningRates: Float64Array.from(range(40), (step) => sampleRate(place, step)),
        evaluations: [10, 25, 40].map((step) => ({ step, loss: sampleLoss(place, step) + 1e-9 })),
      })),
    );
    await store.finishAttempt({ ...key, results: sampleResults(cohort) });
    expect((await store.curves(name, {}))[0]?.trainingLosses).toHaveLength(40);
  });

  it("records a report once that comes again", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    const key = await started(store, cohort);
    const reports = [
      sampleReport(cohort, { ...key, from: 0, to: 10 }),
      sampleReport(cohort, { ...key, from: 10, to: 20 }),
    ] as const;
    for (const report of reports) await store.report(report);
    const before = [await store.curves(name, {}), await store.study(name)];
    for (const report of [...reports, ...reports]) expect(await store.report(report)).toEqual({ kind: "continue" });
    await Promise.all([...reports, ...reports].map((report) => store.report(report)));
    expect([await store.curves(name, {}), await store.study(name)]).toEqual(before);
  });

  it("keeps infinite losses and not-a-numbers", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store, { trials: 1 });
    const key = await started(store, cohort);
    const { trialId } = cohort.trials[0] as Trial;
    const losses = [1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
    await store.report({
      ...key,
      step: 4,
      chunks: [
        {
          trialId,
          firstStep: 0,
          trainingLosses: Float32Array.from(losses),
          learningRates: Float64Array.from([1e-300, 0, 0.1, 1]),
        },
      ],
      evaluations: losses.map((loss, step) => ({ trialId, step, loss })),
    });
    expect(await store.curves(name, {})).toEqual([
      {
        trialId,
        trainingLosses: Float32Array.from(losses),
        learningRates: Float64Array.from([1e-300, 0, 0.1, 1]),
        evaluations: losses.map((loss, step) => ({ step, loss })),
      },
    ]);
  });

  it("keeps what the rule saw and the spread of rates, chunk by chunk, where a chunk has them", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store, { trials: 3 });
    const key = await started(store, cohort);
    const [noisy, spread, plain] = cohort.trials.map(({ trialId }) => trialId) as [string, string, string];
    const chunk = (trialId: string, firstStep: number) => ({
      trialId,
      firstStep,
      trainingLosses: Float32Array.of(3, 2, 1),
      learningRates: Float64Array.of(0.5, 0.25, 0.125),
    });
    const seenLosses = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, -1);
    const rates = { lowestRates: Float32Array.of(0, 0.125, 0.0625), highestRates: Float32Array.of(1, Infinity, 2) };
    const report = {
      ...key,
      step: 6,
      evaluations: [],
      chunks: [
        ...[chunk(plain, 0), { ...chunk(noisy, 0), seenLosses }, chunk(spread, 0)],
        ...[
          { ...chunk(spread, 3), ...rates },
          { ...chunk(noisy, 3), seenLosses: seenLosses.map((loss) => 2 * loss) },
        ],
      ],
    };
    expect(await store.report(report)).toEqual({ kind: "continue" });
    await store.report(report);
    const whole = { trainingLosses: [3, 2, 1, 3, 2, 1], learningRates: [0.5, 0.25, 0.125, 0.5, 0.25, 0.125] };
    const curve = (trialId: string) => ({
      trialId,
      trainingLosses: Float32Array.from(whole.trainingLosses),
      learningRates: Float64Array.from(whole.learningRates),
      evaluations: [],
    });
    expect(await store.curves(name, { trialIds: [noisy, spread] })).toEqual([
      { ...curve(noisy), seenLosses: Float32Array.of(...seenLosses, NaN, Infinity, -2) },
      {
        ...curve(spread),
        lowestRates: Float32Array.of(0.5, 0.25, 0.125, ...rates.lowestRates),
        highestRates: Float32Array.of(0.5, 0.25, 0.125, ...rates.highestRates),
      },
    ]);
    expect(Object.keys((await store.curves(name, { trialIds: [plain] }))[0] ?? {})).not.toContain("seenLosses");
    expect(await store.report({ ...report, chunks: [chunk(plain, 3)] })).toEqual({ kind: "continue" });
    expect(await store.curves(name, { trialIds: [plain] })).toEqual([curve(plain)]);
  });

  it("keeps stability bounds, infinite ones too, and has NaN where a chunk has none", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store, { trials: 2 });
    const key = await started(store, cohort);
    const [bounded, plain] = cohort.trials.map(({ trialId }) => trialId) as [string, string];
    const chunk = (trialId: string, firstStep: number) => ({
      ...{ trialId, firstStep, trainingLosses: Float32Array.of(2, 1), learningRates: Float64Array.of(0.5, 0.25) },
    });
    const bounds = Float32Array.of(1.5, Number.POSITIVE_INFINITY);
    const chunks = [chunk(bounded, 0), chunk(plain, 0), { ...chunk(bounded, 2), bounds }];
    expect(await store.report({ ...key, step: 4, evaluations: [], chunks })).toEqual({ kind: "continue" });
    const [first, second] = await store.curves(name, {});
    expect(first).toMatchObject({ trialId: bounded, bounds: Float32Array.of(NaN, NaN, 1.5, Number.POSITIVE_INFINITY) });
    expect(Object.keys(second ?? {})).not.toContain("bounds");
  });

  it("forgets the curves of an unfinished attempt when the next one starts", async () => {
    await using store = await open();
    const { cohort, name } = await submitted(store);
    await store.report(sampleReport(cohort, { ...(await started(store, cohort)), from: 0, to: 30 }));
    const key = await started(store, cohort);
    await store.report(sampleReport(cohort, { ...key, from: 0, to: 10 }));
    const curves = await store.curves(name, {});
    expect(curves.map(({ trainingLosses, evaluations }) => [trainingLosses.length, evaluations])).toEqual(
      [0, 1].map((place) => [10, [{ step: 10, loss: sampleLoss(place, 10) + 1e-9 }]]),
    );
    expect((await store.study(name))?.stepsDone).toBe(20);
  });

  it("gives the curves of the named trials, and an empty one where nothing was reported", async () => {
    await using store = await open();
    const { study, cohort, name } = await submitted(store, { cohorts: 2 });
    await finished(store, cohort);
    const [reported, silent] = [cohort.trials[1] as Trial, study.cohorts[1]?.trials[0] as Trial];
    const curves = await store.curves(name, { trialIds: [silent.trialId, "unknown", reported.trialId] });
    expect(curves.map(({ trialId, trainingLosses }) => [trialId, trainingLosses.length])).toEqual([
      [reported.trialId, 40],
      [silent.trialId, 0],
    ]);
    expect(await store.curves(name, { trialIds: [] })).toEqual([]);
    expect(await store.curves(name, {})).toHaveLength(4);
  });

  it("leaves out what is reported of other cohorts' trials", async () => {
    await using store = await open();
    const { study, cohort, name } = await submitted(store, { cohorts: 2 });
    const key = await started(store, cohort);
    const other = study.cohorts[1] as typeof cohort;
    await store.report(sampleReport(other, { ...key, from: 0, to: 10 }));
    expect((await store.curves(name, {})).map(({ trainingLosses }) => trainingLosses.length)).toEqual([0, 0, 0, 0]);
  });
}
