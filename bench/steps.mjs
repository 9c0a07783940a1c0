/** A compiled training step against the same TensorFlow.js code run eagerly on WebAssembly, one thread each. */
import { createExecutor } from "@stride/compile";
import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { entry } from "./harness/entry.mjs";
import { matrixProductContender } from "./harness/matrix-product.mjs";
import { regressionCost, regressionTask } from "./harness/regression-task.mjs";
import { withResources } from "./harness/resources.mjs";
import { fastest, interleave, median, ratioOfRounds } from "./harness/rounds.mjs";
import { requireFinite, trainingContender } from "./harness/training.mjs";

/** A small and a large step. Segments are as long as in bench/peers. */
const steps = [
  {
    name: "small step",
    widths: [20, 64, 64, 1],
    batchSize: 32,
    steps: 50,
    cohorts: { compiled: [1, 2, 4, 8, 16, 32, 64], eager: [1, 8, 32] },
  },
  {
    name: "large step",
    widths: [784, 256, 10],
    batchSize: 128,
    steps: 20,
    // Eager, a stack of large networks is slower than one: WebAssembly's batched product is its slow one.
    cohorts: { compiled: [1, 2, 4], eager: [1] },
  },
];
const product = "512³ products";

export async function measure({ quick, report }) {
  for (const step of steps) await withResources((use) => measureStep(step, { quick, report, use }));
}

async function measureStep(step, { quick, report, use }) {
  const task = regressionTask(step);
  const common = {
    task,
    optimizer: createOptimizer(optimizerSpecSchema.parse({ kind: "sgd" })),
    shared: false,
    learningRate: 0.01,
  };
  const compiled = await use(createExecutor("onnx-cpu", { threads: 1 }));
  const wasm = await use(createExecutor("tfjs-wasm"));
  const products512 = await use(matrixProductContender({ name: product, size: 512 }));
  const contendersOf = async (kind, { executor, steps }) => {
    const made = [];
    for (const cohortSize of step.cohorts[kind]) {
      const name = `${kind} K = ${cohortSize}`;
      made.push(await use(trainingContender({ ...common, name, executor, steps, cohortSize })));
    }
    return made;
  };
  const eager = await contendersOf("eager", { executor: wasm, steps: 1 });
  const stacked = await contendersOf("compiled", { executor: compiled, steps: step.steps });
  const contenders = [products512, ...eager, ...stacked];
  const rates = await interleave(
    contenders,
    quick ? { rounds: 3, milliseconds: 100 } : { rounds: 9, milliseconds: 400 },
  );
  requireFinite([...eager, ...stacked]);

  const namesOf = (some) => some.map(({ name }) => name);
  const best = fastest(rates, namesOf(stacked));
  const [alone, ...eagerStacks] = namesOf(eager);
  const { products, elementwise, bytes } = regressionCost(step);
  const value = median(rates.get(best));
  report(
    entry({
      name: `${step.name}, compiled against eager`,
      measures: `MLP ${step.widths.join("-")}, mean squared error, batch ${step.batchSize}, SGD; segments of ${step.steps} steps at the best cohort width, one thread`,
      value,
      unit: "trial-steps/s",
      baseline: { name: alone, value: median(rates.get(alone)) },
      ratio: ratioOfRounds(rates.get(best), rates.get(alone)),
      goal: { ratioAtLeast: 30 },
      floor: { "products' operations": products, "other operations": elementwise, bytes },
      details: {
        best,
        "GFLOP/s": (value * products) / 1e9,
        ...Object.fromEntries(namesOf([...eager, ...stacked]).map((name) => [name, median(rates.get(name))])),
      },
    }),
  );
  if (eagerStacks.length > 0) {
    const bestEager = fastest(rates, namesOf(eager));
    report(
      entry({
        name: `${step.name}, both stacked`,
        measures: "the same against the eager step at its best cohort width",
        value,
        unit: "trial-steps/s",
        baseline: { name: bestEager, value: median(rates.get(bestEager)) },
        ratio: ratioOfRounds(rates.get(best), rates.get(bestEager)),
      }),
    );
  }
  const reached = rates.get(best).map((rate) => rate * products);
  report(
    entry({
      name: `${step.name}, share of the product rate`,
      measures: "operations a second of the step's matrix products against those of plain 512³ products, one thread",
      value: median(reached) / 1e9,
      unit: "GFLOP/s",
      baseline: { name: product, value: median(rates.get(product)) / 1e9 },
      ratio: ratioOfRounds(reached, rates.get(product)),
    }),
  );
}
