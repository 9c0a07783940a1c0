/** Trials trained one by one against the same trials stacked into cohorts, both compiled, one thread. */
import { createExecutor } from "@stride/compile";
import { cohortWidth } from "@stride/experiment";
import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { createTask } from "@stride/tasks";
import { taskCost, taskLabel, taskSpecSchema } from "@stride/tasks/spec";
import { entry } from "./harness/entry.mjs";
import { withResources } from "./harness/resources.mjs";
import { fastest, interleave, median, ratioOfRounds } from "./harness/rounds.mjs";
import { requireFinite, trainingContender } from "./harness/training.mjs";

/** As in sweeps/quickstart.yaml, and a task that costs nothing but its operators. */
const cases = [
  { task: { kind: "quadratic" }, widths: [1, 4, 16, 64], learningRate: 0.1 },
  { task: { kind: "nmf", data: "mnist", rank: 16, batch: 64 }, widths: [1, 2, 4, 8, 16], learningRate: 0.003 },
  { task: { kind: "mlp", data: "mnist", hidden: [64], batch: 64 }, widths: [1, 2, 4, 8, 16], learningRate: 0.01 },
];
const optimizer = createOptimizer(optimizerSpecSchema.parse({ kind: "sgd", momentum: 0.9 }));
/** Steps between two reports of `train`, when no rule decides in between. */
const segment = 100;

export async function measure({ quick, report }) {
  for (const each of cases) await withResources((use) => measureTask(each, { quick, report, use }));
}

async function measureTask({ task: given, widths, learningRate }, { quick, report, use }) {
  const spec = taskSpecSchema.parse(given);
  const cost = taskCost(spec);
  const planned = cohortWidth(cost);
  const cohortSizes = [...new Set([...widths, planned])].sort((left, right) => left - right);
  const executor = await use(createExecutor("onnx-cpu", { threads: 1 }));
  const task = await createTask(spec);
  const nameOf = (cohortSize) => `K = ${cohortSize}`;
  const contenders = [];
  for (const cohortSize of cohortSizes) {
    // Trials of one cohort share a seed, so their batches are gathered once.
    const options = { executor, task, optimizer, cohortSize, shared: true, steps: segment, learningRate };
    contenders.push(await use(trainingContender({ name: nameOf(cohortSize), ...options })));
  }
  const rates = await interleave(
    contenders,
    quick ? { rounds: 3, milliseconds: 80 } : { rounds: 7, milliseconds: 400 },
  );

  requireFinite(contenders);
  const [alone, best] = [nameOf(1), fastest(rates, cohortSizes.map(nameOf))];
  const value = median(rates.get(best));
  report(
    entry({
      name: taskLabel(spec),
      measures: `SGD with momentum, segments of ${segment} steps, batches shared, one thread: the best width against one by one`,
      value,
      unit: "trial-steps/s",
      baseline: { name: "one by one", value: median(rates.get(alone)) },
      ratio: ratioOfRounds(rates.get(best), rates.get(alone)),
      floor: { operations: cost.flopsPerStep, bytes: cost.bytesPerStep },
      details: {
        best,
        "GFLOP/s": (value * cost.flopsPerStep) / 1e9,
        "planned width": planned,
        "planned against best": ratioOfRounds(rates.get(nameOf(planned)), rates.get(best)),
        ...Object.fromEntries([...rates].map(([name, values]) => [name, median(values)])),
      },
    }),
  );
}
