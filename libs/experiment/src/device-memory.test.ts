import { gradientRuleSpecSchema, optimizerSpecSchema } from "@stride/optimizers/spec";
import { taskSpecSchema } from "@stride/tasks/spec";
import { describe, expect, it } from "vitest";
import { sampleBatch, sampleFlow } from "./contracts/flow-samples.js";
import { sampleCohort } from "./contracts/samples.js";
import { deviceMemory } from "./device-memory.js";
import type { Cohort, Trial } from "./domain.js";

const cohort = (trials: number, change: Partial<Trial> = {}): Cohort => {
  const sample = sampleCohort({ trials });
  return { ...sample, trials: sample.trials.map((trial) => ({ ...trial, ...change })) };
};

describe("the memory of a cohort on a device", () => {
  it("is state, step, evaluation and data", () => {
    const task = taskSpecSchema.parse({
      kind: "mlp",
      data: "mnist",
      hidden: [],
      batch: 10,
      trainingSize: 100,
      evaluationSize: 20,
    });
    const optimizer = optimizerSpecSchema.parse({ kind: "sgd" });
    const parameters = 785 * 10;
    const step = 4 * (6 * parameters + 10 * (784 + 40));
    // One product forward and one backward of 10 images; one forward of 20.
    const evaluation =
      (4 * 10 * (784 + 40) * 20 * (2 * 7840 + 40)) / (2 * 10 * 2 * 7840 + 8 * 10 * 10 + 2 * parameters);
    const data = 4 * 120 * 794;
    expect(deviceMemory(cohort(3, { task, optimizer }))).toBe(
      Math.ceil(3 * (2 * 4 * parameters + step + evaluation) + data),
    );
  });

  it("grows with the width but for the data, and with what the optimizer keeps", () => {
    const task = taskSpecSchema.parse({ kind: "quadratic", dimension: 1000 });
    const of = (trials: number, optimizer: object, change: Partial<Trial> = {}) =>
      deviceMemory(cohort(trials, { task, optimizer: optimizerSpecSchema.parse(optimizer), ...change }));
    expect(of(8, { kind: "adam" })).toBe(8 * of(1, { kind: "adam" }));
    const [plain, momentum, adam] = [{ kind: "sgd" }, { kind: "sgd", momentum: 0.9 }, { kind: "adam" }].map((one) =>
      of(1, one),
    );
    expect(momentum).toBe((plain as number) + 8000);
    expect(adam).toBe((plain as number) + 16_000);
    const rule = { schedule: gradientRuleSpecSchema.parse({ kind: "line-search" }) };
    expect(of(1, { kind: "sgd" }, rule)).toBeGreaterThan(plain as number);
  });

  it("is that of an agent's batch by its episodes, and nothing of its update", () => {
    const batch = sampleBatch();
    const { task, optimizer, starts } = batch;
    expect(deviceMemory(batch)).toBe(deviceMemory(cohort(starts.length, { task, optimizer })));
    expect(deviceMemory(sampleFlow().update)).toBe(0);
    expect(deviceMemory({ ...cohort(1), trials: [] })).toBe(0);
  });
});
