import { createHash } from "node:crypto";
import { type AttemptReport, joinedCurve, type TrialCurve } from "@stride/experiment";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { curve, report } from "../test/arbitraries.js";
import { batches, joinCurves, maxMessageBytes, splitCurve, splitReport, weighPiece } from "./batches.js";
import { encodeCurvePiece } from "./codec/laboratory.js";
import { encodeReport } from "./codec/worker.js";
import { ListCurvesResponse } from "./gen/stride/v1/laboratory.js";
import { ReportRequest } from "./gen/stride/v1/worker.js";

const longestId = "é".repeat(200);

function ramp(points: number): Pick<TrialCurve, "trainingLosses" | "learningRates"> {
  return { trainingLosses: new Float32Array(points).map((_, i) => i), learningRates: new Float64Array(points).fill(1) };
}

/** A ramp with all that a curve may have besides, each number another. */
function fullRamp(points: number) {
  const from = (start: number) => new Float32Array(points).map((_, i) => start - i);
  return {
    ...ramp(points),
    seenLosses: from(0.25),
    lowestRates: from(0.5),
    highestRates: from(0.75),
    bounds: from(0.875),
  };
}

/** Every number in place, in a form that compares fast. */
function digest(...arrays: readonly (Float32Array | Float64Array)[]): string {
  const hash = createHash("sha256");
  for (const array of arrays) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest("hex");
}

/** Curves of a report by trial, as a store joins them. */
function joined(reports: readonly AttemptReport[]) {
  const chunks = reports.flatMap((part) => part.chunks);
  const trialIds = [...new Set(chunks.map(({ trialId }) => trialId))];
  return trialIds.map((trialId) => {
    const own = chunks.filter((chunk) => chunk.trialId === trialId);
    return summary(joinedCurve(trialId, own, []));
  });
}

function summary(given: TrialCurve) {
  const { trialId, trainingLosses, learningRates, evaluations } = given;
  const { seenLosses, lowestRates, highestRates, bounds } = given;
  const points = digest(
    trainingLosses,
    learningRates,
    ...[seenLosses, lowestRates, highestRates, bounds].filter((values) => values !== undefined),
    Float64Array.from(evaluations, ({ loss }) => loss),
  );
  return { trialId, points, evaluations: evaluations.length };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

describe("splitReport", () => {
  it("leaves a small report whole", () =>
    fc.assert(
      fc.property(report, (given) => {
        expect(splitReport(given)).toEqual([given]);
      }),
    ));

  it("splits a large report into messages below the limit that say the same", () => {
    const chunks = Array.from({ length: 12 }, (_, k) => ({
      trialId: `${longestId}${k}`,
      firstStep: 7,
      ...(k % 2 === 0 ? ramp(30_000) : fullRamp(30_000)),
    }));
    const evaluations = Array.from({ length: 3_000 }, (_, step) => ({ trialId: longestId, step, loss: 1 }));
    const given: AttemptReport = { cohortId: "c", token: 3, step: 30_007, chunks, evaluations };
    const parts = splitReport(given);
    for (const part of parts) {
      expect(ReportRequest.encode(encodeReport(part)).finish().length).toBeLessThan(maxMessageBytes);
      expect(part).toMatchObject({ cohortId: "c", token: 3, step: 30_007 });
    }
    expect(parts.length).toBeGreaterThan(4);
    expect(joined(parts)).toEqual(joined([given]));
    expect(parts.flatMap((part) => part.evaluations).map(({ step }) => step)).toEqual(
      evaluations.map(({ step }) => step),
    );
    const sizes = (reports: readonly AttemptReport[]) => reports.map(({ chunks: { length } }) => length);
    expect(sizes(splitReport(given))).toEqual(sizes(parts));
  });

  it("cuts a chunk that alone is too long, and numbers its pieces by step", () => {
    const chunk = { trialId: "t", firstStep: 10, ...fullRamp(300_000) };
    const given = { cohortId: "c", token: 1, step: 300_010, chunks: [chunk], evaluations: [] };
    const parts = splitReport(given);
    expect(parts.length).toBeGreaterThan(2);
    expect(joined(parts)).toEqual(joined([{ ...given, chunks: [chunk] }]));
    for (const part of parts) {
      expect(ReportRequest.encode(encodeReport(part)).finish().length).toBeLessThan(maxMessageBytes);
    }
  });

  it("keeps a heartbeat one report", () => {
    const heartbeat = { cohortId: "c", token: 1, step: 5, chunks: [], evaluations: [] };
    expect(splitReport(heartbeat)).toEqual([heartbeat]);
  });
});

describe("splitCurve and joinCurves", () => {
  it("are inverse", () =>
    fc.assert(
      fc.asyncProperty(fc.array(curve), async (curves) => {
        expect(await collect(joinCurves(each(curves.flatMap((given) => [...splitCurve(given)]))))).toEqual(curves);
      }),
    ));

  it("carry curves of any length in messages below the limit", async () => {
    const evaluations = Array.from({ length: 150_000 }, (_, step) => ({ step, loss: step }));
    const curves: TrialCurve[] = [
      { trialId: longestId, ...fullRamp(200_000), evaluations },
      { trialId: "b", ...ramp(3), evaluations },
      { trialId: "c", ...ramp(0), evaluations: [] },
    ];
    const pages = await collect(
      batches(
        curves.flatMap((given) => [...splitCurve(given)]),
        weighPiece,
      ),
    );
    for (const pieces of pages) {
      const bytes = ListCurvesResponse.encode({ parts: pieces.map(encodeCurvePiece) }).finish();
      expect(bytes.length).toBeLessThan(maxMessageBytes);
    }
    const arrived = await collect(joinCurves(each(pages.flat())));
    expect(arrived.map(summary)).toEqual(curves.map(summary));
  });

  it("notice a piece that is missing, and an end that is", async () => {
    const pieces = [...splitCurve({ trialId: "t", ...ramp(200_000), evaluations: [] })];
    await expect(collect(joinCurves(each(pieces.slice(1))))).rejects.toThrow(/begins at step 65536, expected 0/);
    await expect(collect(joinCurves(each(pieces.slice(0, -1))))).rejects.toThrow(/ended before its last piece/);
  });
});

describe("batches", () => {
  it("keeps the order and the weight, and lets a single item exceed it", async () => {
    expect(await collect(batches([1, 2, 3, 9, 1, 1], (weight) => weight, 5))).toEqual([[1, 2], [3], [9], [1, 1]]);
  });
});
