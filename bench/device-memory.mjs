/**
 * What cohorts take of memory against what is estimated (`deviceMemory`): `node bench/device-memory.mjs [EXECUTOR]`. Each is trained in a
 * process of its own, whose peak resident memory is compared with that after a tiny cohort; a software Vulkan driver keeps the device's
 * memory there, too. The data set is loaded before, and left out on both sides. Linux alone.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const mebibyte = 2 ** 20;
const [executorName = "onnx-cpu", only] = process.argv.slice(2);
const adam = { kind: "adam" };
const momentum = { kind: "sgd", momentum: 0.9 };
const cases = [
  { trials: 16, task: { kind: "mlp", data: "mnist", hidden: [512, 512] }, optimizer: adam },
  {
    trials: 64,
    task: { kind: "mlp", data: "mnist", hidden: [128], trainingSize: 2000, evaluationSize: 10_000 },
    optimizer: momentum,
  },
  {
    trials: 16,
    task: { kind: "nmf", data: "synthetic", rank: 64, rows: 8192, columns: 1024, trueRank: 4 },
    optimizer: momentum,
  },
  { trials: 64, task: { kind: "quadratic", dimension: 100_000 }, optimizer: adam },
  { trials: 4, task: { kind: "cnn", data: "mnist", trainingSize: 2000 }, optimizer: momentum },
  { trials: 4, task: { kind: "transformer", data: "moby-dick" }, optimizer: adam },
];

if (only === undefined) {
  console.log(`${executorName}: MiB, measured and estimated`);
  cases.forEach((_, index) => {
    const self = fileURLToPath(import.meta.url);
    const stdio = ["ignore", "inherit", "ignore"];
    execFileSync(process.execPath, ["--expose-gc", self, executorName, String(index)], { stdio });
  });
} else {
  await measure(cases[Number(only)]);
  process.exit(0);
}

async function measure({ trials, task: given, optimizer: rule }) {
  const { createExecutor } = await import("@stride/compile");
  const { deviceMemory } = await import("@stride/experiment");
  const { optimizerSpecSchema } = await import("@stride/optimizers/spec");
  const { scheduleSpecSchema } = await import("@stride/schedules/spec");
  const { taskDataNumbers, taskLabel, taskSpecSchema } = await import("@stride/tasks/spec");
  const { train } = await import("@stride/training");
  const executor = await createExecutor(executorName);
  const optimizer = optimizerSpecSchema.parse(rule);
  const schedule = scheduleSpecSchema.parse({ kind: "constant" });
  const cohortOf = (task, width) => ({
    cohortId: "cohort",
    studyName: "memory",
    trials: Array.from({ length: width }, (_, index) => ({
      trialId: `trial-${index}`,
      task,
      optimizer,
      scheduleName: "constant",
      schedule,
      learningRate: 1e-3,
      seed: 1,
      split: "report",
      steps: 4,
      evaluateEvery: 2,
    })),
  });
  const trained = async (cohort) => {
    for await (const _ of train({ cohort, executor }));
  };
  const task = taskSpecSchema.parse(given);
  await trained(cohortOf(taskSpecSchema.parse({ kind: "quadratic" }), 1));
  await trained(cohortOf(task, 1)); // Loads the data.
  globalThis.gc?.();
  const before = resident("VmRSS");
  writeFileSync("/proc/self/clear_refs", "5"); // Begins the peak anew.
  await trained(cohortOf(task, trials));
  const measured = resident("VmHWM") - before;
  const estimated = (deviceMemory(cohortOf(task, trials)) - 4 * taskDataNumbers(task)) / mebibyte;
  console.log(`${trials} × ${taskLabel(task)}, ${rule.kind}: ${measured.toFixed(0)}, ${estimated.toFixed(0)}`);
}

/** MiB, by the kernel's account. */
function resident(key) {
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
}
