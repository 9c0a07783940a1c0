import { forward, normalisedFeatures } from "@stride/schedules";
import fc from "fast-check";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { type NetworkModelOptions, networkModel } from "./network-model.js";

const names = { input: "features", output: "logits" } as const;

async function run(options: NetworkModelOptions, rows: readonly (readonly number[])[]): Promise<ort.Tensor> {
  const session = await ort.InferenceSession.create(networkModel(options), { logSeverityLevel: 4 });
  const features = options.normalisation.mean.length;
  const given = new ort.Tensor("float32", Float32Array.from(rows.flat()), [rows.length, features]);
  const outputs = await session.run({ [options.input]: given });
  await session.release();
  return outputs[options.output] as ort.Tensor;
}

const number = fc.double({ min: -2, max: 2, noNaN: true });
const matrix = (rows: number, columns: number) =>
  fc.array(fc.array(number, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows });

/** Networks of one to three layers, with rows of features for them. */
const networks = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 }).chain((widths) => {
  const [features = 1, ...others] = widths;
  const layers = others.map((width, i) =>
    fc.record({
      weights: matrix(widths[i] as number, width),
      biases: fc.array(number, { minLength: width, maxLength: width }),
    }),
  );
  return fc.record({
    normalisation: fc.record({
      mean: fc.array(number, { minLength: features, maxLength: features }),
      deviation: fc.array(fc.double({ min: 0.1, max: 3, noNaN: true }), {
        minLength: features,
        maxLength: features,
      }),
    }),
    layers: fc.tuple(...layers),
    rows: fc.integer({ min: 1, max: 3 }).chain((rows) => matrix(rows, features)),
  });
});

describe("a network as an ONNX model", () => {
  it("computes by hand: (4 − 2) / 2 = 1, and (−3 + 1, 3 · 1) = (−2, 3)", async () => {
    const layers = [{ weights: [[-3, 3]], biases: [1, 0] }];
    const options = { ...names, normalisation: { mean: [2], deviation: [2] }, cutOff: 10, layers };
    const { dims, data } = await run(options, [[4]]);
    expect([dims, Array.from(data as Float32Array)]).toEqual([
      [1, 2],
      [-2, 3],
    ]);
  });

  it("cuts normalised features off at both ends", async () => {
    const layers = [{ weights: [[1]], biases: [0] }];
    const options = { ...names, normalisation: { mean: [0], deviation: [0.5] }, cutOff: 10, layers };
    const { data } = await run(options, [[1e6], [-1e6], [4.5]]);
    expect(Array.from(data as Float32Array)).toEqual([10, -10, 9]);
  });

  it("equals the forward pass of a learned schedule, to the digits of float32", async () => {
    await fc.assert(
      fc.asyncProperty(networks, async ({ rows, ...network }) => {
        const options = { ...names, ...network, cutOff: 10 };
        const { dims, data } = await run(options, rows);
        const expected = rows.map((row) =>
          forward(network.layers, normalisedFeatures(row, { count: 1, ...network.normalisation })),
        );
        expect(dims).toEqual([rows.length, expected[0]?.length]);
        for (const [i, value] of expected.flat().entries()) {
          // Sums of at most 6 products below 2 · 20 (the greatest normalised feature is 4 / 0.1 cut off at 10).
          expect(Math.abs((data[i] as number) - value)).toBeLessThan(1e-4);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("calls input and output whatever they are to be called", async () => {
    const layers = [{ weights: [[2]], biases: [0] }];
    const named = { input: "deviation", output: "mean" };
    const options = { ...named, normalisation: { mean: [1], deviation: [1] }, cutOff: 10, layers };
    expect(Array.from((await run(options, [[4]])).data as Float32Array)).toEqual([6]);
  });

  it("needs a layer", () => {
    const empty = { ...names, normalisation: { mean: [], deviation: [] }, cutOff: 10, layers: [] };
    expect(() => networkModel(empty)).toThrow("a network needs a layer");
  });
});
