import { forward, initialPolicy, normalisedFeatures } from "@stride/schedules";
import type { PolicyDocument } from "@stride/schedules/spec";
import * as ort from "onnxruntime-node";
import { expect, it } from "vitest";
import { policyModel } from "./policy-model.js";

const options = {
  every: 10,
  sees: { gradients: false, bound: true },
  range: { lowest: 0.01, highest: 100 },
  hidden: [8, 8],
  critic: true,
  seed: 3,
} as const;

/** Feature i of row n is (n − 2) i / 3, and the last one beyond the cut-off. */
const rows = Array.from({ length: 5 }, (_, n) =>
  Array.from({ length: 10 }, (_, i) => (i === 9 ? 1e4 : ((n - 2) * i) / 3)),
);

it.each<[string, PolicyDocument]>([
  ["logits", initialPolicy({ ...options, actions: { kind: "discrete", factors: [0.5, 1, 2] } })],
  ["mean", initialPolicy({ ...options, actions: { kind: "continuous", most: 2 } })],
])("gives the %s that the schedule decides by", async (name, fresh) => {
  const normalisation = { count: 9, mean: rows[3] as number[], deviation: Array<number>(10).fill(0.5) };
  const policy = { ...fresh, normalisation };
  const session = await ort.InferenceSession.create(policyModel(policy), { logSeverityLevel: 4 });
  expect([session.inputNames, session.outputNames]).toEqual([["features"], [name]]);
  const features = new ort.Tensor("float32", Float32Array.from(rows.flat()), [5, 10]);
  const output = (await session.run({ features }))[name] as ort.Tensor;
  await session.release();
  const expected = rows.map((row) => forward(policy.actor, normalisedFeatures(row, normalisation)));
  expect(output.dims).toEqual([5, expected[0]?.length]);
  for (const [i, value] of expected.flat().entries()) expect(output.data[i]).toBeCloseTo(value, 5);
  expect(new Set(Array.from(output.data as Float32Array, (value) => value.toFixed(3))).size).toBeGreaterThan(3);
});
