import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type StrideHome, strideHome } from "./stride.js";

const sweep = `study: device
tasks:
  - { kind: quadratic, dimension: 8, conditionNumber: 20 }
  - { kind: logistic, data: synthetic, dimension: 6, trainingSize: 64, evaluationSize: 32, batch: 16 }
optimizers: [{ kind: sgd, momentum: 0.9 }]
schedules: [{ kind: constant }, { kind: cosine }]
learningRates: [0.01, 0.05]
seeds: { tuning: 1, report: 2 }
steps: 40
evaluate: { every: 10 }
analysis: { baseline: cosine }
`;
const trialsPlanned = 2 * 2 * 2 * 3;

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly detail: string;
}
interface Trial {
  readonly trialId: string;
  readonly outcome: string;
  readonly executor: string;
  readonly finalEvaluationLoss: number;
  readonly areaUnderCurve: number;
}

/** What `stride doctor` says of the executor; the software Vulkan driver stands in for a device. */
async function found(): Promise<Finding> {
  await using stride = await strideHome();
  const { stdout, stderr } = await stride.run("doctor", "--json");
  if (!stdout.startsWith("[")) throw new Error(`stride doctor says nothing: ${stderr}`);
  const finding = (JSON.parse(stdout) as Finding[]).find(({ check }) => check === "executor onnx-webgpu");
  return finding ?? { check: "executor onnx-webgpu", state: "absent", detail: "stride doctor does not list it" };
}
const executor = await found();
const missing = executor.state === "ok" ? undefined : executor.detail;

describe.runIf(process.env.CI === "true")("in CI", () => {
  it("there is a device for onnx-webgpu", () => {
    expect(executor).toEqual({ check: "executor onnx-webgpu", state: "ok", detail: "" });
  });
});

/** Runs the sweep with one worker to its end. */
async function trained(variables: Readonly<Record<string, string>>) {
  await using stride = await strideHome(variables);
  const ended = await stride.run("run", await stride.write("device.yaml", sweep), "--workers", "1");
  expect(ended.stderr).not.toMatch(/ [1-9]\d* failed/);
  expect(ended.code).toBe(0);
  const trials = (await stride.json("results", "trials", "device", "--json")) as Trial[];
  expect(trials).toHaveLength(trialsPlanned);
  expect(trials.every(({ outcome }) => outcome === "completed")).toBe(true);
  await stride.run("results", "export", "device", "-o", "out", "--format", "json");
  const curves = await readFile(join(stride.folder, "out/device-curves.json"), "utf8");
  return { trials: byId(trials), curves, atATime: await mostAtATime(stride) };
}

/** Cohorts that the worker trained at the same time at most, by its log. */
async function mostAtATime({ folder }: StrideHome): Promise<number> {
  const logs = join(folder, ".stride/logs");
  const texts = await Promise.all((await readdir(logs)).map((name) => readFile(join(logs, name), "utf8")));
  let [now, most] = [0, 0];
  for (const { msg } of texts.join("").trim().split("\n").flatMap(jsonLine)) {
    if (msg === "attempt started") now += 1;
    if (msg === "attempt ended") now -= 1;
    most = Math.max(most, now);
  }
  return most;
}

/** A worker's log line; a driver prints beside them. */
function jsonLine(line: string): { readonly msg?: string }[] {
  return line.startsWith("{") ? [JSON.parse(line) as { readonly msg?: string }] : [];
}

const byId = (trials: readonly Trial[]) => [...trials].sort((left, right) => (left.trialId < right.trialId ? -1 : 1));
const losses = (trials: readonly Trial[]) =>
  trials.map(({ trialId, finalEvaluationLoss, areaUnderCurve }) => ({ trialId, finalEvaluationLoss, areaUnderCurve }));

describe.skipIf(missing !== undefined)(
  `a sweep on WebGPU ${missing === undefined ? "" : `(skipped: ${missing})`}`,
  () => {
    it("comes to what it comes to on the processor, to rounding, and to the same bits with two cohorts at a time", async () => {
      const one = await trained({ STRIDE_EXECUTOR: "onnx-webgpu", STRIDE_SLOTS: "1" });
      expect(new Set(one.trials.map(({ executor }) => executor))).toEqual(new Set(["onnx-webgpu"]));
      expect(one.atATime).toBe(1);

      const two = await trained({ STRIDE_EXECUTOR: "onnx-webgpu", STRIDE_SLOTS: "2" });
      expect(two.atATime).toBe(2);
      expect(losses(two.trials)).toEqual(losses(one.trials));
      expect(two.curves).toBe(one.curves);

      const processor = await trained({ STRIDE_EXECUTOR: "onnx-cpu" });
      expect(processor.trials.map(({ trialId }) => trialId)).toEqual(one.trials.map(({ trialId }) => trialId));
      for (const [index, { finalEvaluationLoss, areaUnderCurve }] of processor.trials.entries()) {
        expect(one.trials[index]?.finalEvaluationLoss).toSatisfy(near(finalEvaluationLoss));
        expect(one.trials[index]?.areaUnderCurve).toSatisfy(near(areaUnderCurve));
      }
    }, 300_000);
  },
);

/** Forty steps in 32 bits, summed in another order. */
function near(expected: number): (value: number) => boolean {
  return (value) => Math.abs(value - expected) <= 1e-3 * Math.abs(expected);
}
