import { createSteeredOptimizer } from "@stride/optimizers";
import { gradientRuleSpecSchema, optimizerSpecSchema } from "@stride/optimizers/spec";
import { randomStream } from "@stride/random";
import { createTask } from "@stride/tasks";
import { taskSpecSchema } from "@stride/tasks/spec";
import { it } from "vitest";
import { createExecutor } from "./index.js";
const sgd = { kind: "sgd" };
const cases = [
  [{ kind: "polyak" }, sgd], [{ kind: "polyak", cap: "constant" }, sgd],
  ...["global", "group", "parameter"].flatMap((scope) => ["additive", "multiplicative"].flatMap((update) => [[{ kind: "hypergradient", scope, update, beta: 1e-3 }, { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0.01 }], [{ kind: "hypergradient", scope, update, beta: 1e-4 }, { kind: "adam" }]])),
];
it("s", async () => {
  const task = await createTask(taskSpecSchema.parse({ kind: "mlp", data: "mnist", hidden: [12, 9], trainingSize: 64, evaluationSize: 32, batch: 16 }));
  const K = 3, steps = 12;
  const order = randomStream({ seed: 1, purpose: "data-order" });
  const indices = Int32Array.from({ length: steps * task.batchSize }, (_, i) => order.integer(0, i, task.training?.size ?? 1));
  for (const [rule, optimizer] of cases) {
    const out = [];
    for (const name of ["onnx-cpu", "tfjs-cpu"] as const) {
      await using executor = await createExecutor(name);
      const made = createSteeredOptimizer({ rule: gradientRuleSpecSchema.parse(rule), optimizer: optimizerSpecSchema.parse(optimizer), batchesPerEpoch: 4 });
      await using program = await executor.program({ task, optimizer: made, cohortSize: K, sharedBatches: true });
      program.load([1, 2, 3].map((seed) => task.init(randomStream({ seed, purpose: "initial-weights" }))));
      const r = await program.run({ steps, firstStep: 0, indices, learningRates: Float32Array.from({ length: steps * K }, (_, i) => [0.01, 0.05, 0.003][i % K] as number) });
      out.push([...r.losses, ...(r.rates?.mean ?? []), ...(r.rates?.lowest ?? []), ...(r.rates?.highest ?? []), ...(await program.evaluate())]);
    }
    const [a, b] = out as [number[], number[]];
    console.log("CMP", JSON.stringify(rule), a.length, Math.max(...a.map((x, i) => Math.abs(x - (b[i] as number)) / Math.abs(b[i] as number))), a.slice(steps*K+30, steps*K + 36).map(x=>x.toPrecision(4)).join(" "));
  }
}, 300000);
