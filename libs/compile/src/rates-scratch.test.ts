import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { randomStream } from "@stride/random";
import { createTask } from "@stride/tasks";
import { taskSpecSchema } from "@stride/tasks/spec";
import { it } from "vitest";
import { createExecutor } from "./index.js";
const rates = [0.0003, 0.001, 0.002, 0.004];
it.each([
 [{ kind: "autoencoder", data: "mnist", trainingSize: 4000, evaluationSize: 500 }, {kind:"sgd"}, 1, rates],
 [{ kind: "autoencoder", data: "mnist", trainingSize: 4000, evaluationSize: 500 }, {kind:"sgd"}, 0.1, [0.001, 0.003, 0.01,0.03]],
 [{ kind: "autoencoder", data: "fashion-mnist", trainingSize: 4000, evaluationSize: 500 }, {kind:"sgd"}, 0.1, rates],
 [{ kind: "autoencoder", data: "mnist", trainingSize: 4000, evaluationSize: 500 }, {kind:"adam"}, 1, [0.0003,0.001,0.003,0.01]],
] as const)("%j", async (given, opt, scale, rs) => {
  const task = await createTask(taskSpecSchema.parse(given));
  await using executor = await createExecutor("onnx-cpu");
  const K = rs.length;
  await using program = await executor.program({ task, optimizer: createOptimizer(optimizerSpecSchema.parse(opt)), cohortSize: K, sharedBatches: true });
  program.load(rs.map(() => task.init(randomStream({ seed: 1, purpose: "initial-weights" })).map((v, i) => i === 6 ? v.map((x) => x * scale) : v)));
  const before = [...await program.evaluate()]; const log: string[] = [];
  const count = 100, total = 1500; const order = randomStream({ seed: 1, purpose: "data-order" });
  for (let first = 0; first < total; first += count) {
    const indices = Int32Array.from({ length: count * task.batchSize }, (_, i) => order.integer(first, i, task.training.size));
    await program.run({ steps: count, firstStep: first, indices, learningRates: Float32Array.from({ length: count * K }, (_, i) => rs[i % K] as number) });
    if ([100,500,1500].includes(first+count)) log.push(`${first+count}: ` + [...await program.evaluate()].map(v=>v.toPrecision(4)).join(" "));
  }
  console.log("RATES", JSON.stringify(given), opt.kind, scale, before[0], rs.join(" "), "|", log.join(" | "));
}, 300_000);
