import { createExecutor } from "@stride/compile";
import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { createTask } from "@stride/tasks";
import { taskSpecSchema } from "@stride/tasks/spec";
import { randomStream } from "@stride/random";
const spec = taskSpecSchema.parse({ kind: "transformer", data: "moby-dick", ...JSON.parse(process.argv[2] ?? "{}") });
const K = Number(process.argv[3] ?? 1), steps = 20;
const task = await createTask(spec);
const ex = await createExecutor("onnx-cpu", { threads: 1 });
const t0 = performance.now();
const program = await ex.program({ task, optimizer: createOptimizer(optimizerSpecSchema.parse({ kind: "sgd" })), cohortSize: K, sharedBatches: true });
program.load(Array.from({ length: K }, () => task.init(randomStream({ seed: 0, purpose: "initial-weights" }))));
console.log("compile", performance.now() - t0);
let first = 0;
const work = async () => {
  const indices = Int32Array.from({ length: steps * task.batchSize }, () => Math.floor(Math.random() * task.training.size));
  const r = await program.run({ steps, firstStep: first, indices, learningRates: new Float32Array(steps * K).fill(0.1) });
  first += steps; return r.losses ?? r;
};
let l = await work(); const rates = [];
for (let r = 0; r < 7; r++) { const c = process.cpuUsage(), s = performance.now(); let n = 0; while (performance.now() - s < 1000) { l = await work(); n += steps * K; } const u = process.cpuUsage(c); rates.push(n / ((u.user + u.system) / 1e6)); }
console.log("loss", l.at(-1), "trial-steps/cpu-s", rates.map((x) => x.toFixed(1)).join(" "), "median", rates.sort((a,b)=>a-b)[3].toFixed(1));
const e = performance.now(); console.log("eval", (await program.evaluate())[0], performance.now() - e, "rss", process.memoryUsage().rss / 1e6);
await program[Symbol.asyncDispose](); await ex[Symbol.asyncDispose]();
