/** A compiled step of the convolutional network and of the decoder against the same TensorFlow.js code run eagerly, one thread each. */
import { createExecutor } from "@stride/compile";
import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { createTask } from "@stride/tasks";
import { taskSpecSchema } from "@stride/tasks/spec";
import { entry } from "./harness/entry.mjs";
import { matrixProductContender } from "./harness/matrix-product.mjs";
import { networkCost } from "./harness/network-cost.mjs";
import { withResources } from "./harness/resources.mjs";
import { fastest, interleave, median, ratioOfRounds } from "./harness/rounds.mjs";
import { requireFinite, trainingContender } from "./harness/training.mjs";

/** Both as sweeps have them by default: bench/peers holds the same. */
const networks = [
  {
    name: "convolutional network",
    spec: { kind: "cnn", data: "fashion-mnist" },
    small: { batch: 4, trainingSize: 64, evaluationSize: 4 },
    learningRate: 0.01,
  },
  {
    name: "decoder",
    spec: { kind: "transformer", data: "moby-dick" },
    small: { batch: 1, trainingSize: 64, evaluationSize: 1 },
    learningRate: 0.1,
  },
];
const cohorts = [1, 2];
const segment = 10;
const product = "512³ products";

export async function measure({ quick, report }) {
  for (const network of networks) await withResources((use) => measureNetwork(network, { quick, report, use }));
}

async function measureNetwork({ name, spec: given, small, learningRate }, { quick, report, use }) {
  const spec = taskSpecSchema.parse({ ...given, ...(quick ? small : {}) });
  const common = {
    task: await createTask(spec),
    optimizer: createOptimizer(optimizerSpecSchema.parse({ kind: "sgd" })),
    shared: false,
    learningRate,
  };
  const executor = await use(createExecutor("onnx-cpu", { threads: 1 }));
  const products512 = await use(matrixProductContender({ name: product, size: 512 }));
  const eager = await eagerContender(common, use);
  const stacked = [];
  for (const cohortSize of cohorts) {
    const settings = { ...common, name: `compiled K = ${cohortSize}`, executor, steps: segment, cohortSize };
    stacked.push(await use(trainingContender(settings)));
  }
  // An eager step takes longer than a round of the others: a round of it is then one step.
  const rates = await interleave(
    [products512, eager, ...stacked],
    quick ? { rounds: 3, milliseconds: 50 } : { rounds: 9, milliseconds: 700 },
  );
  requireFinite([eager, ...stacked]);

  const names = stacked.map((contender) => contender.name);
  const best = fastest(rates, names);
  const { products, elementwise, bytes } = networkCost(spec);
  report(
    entry({
      name: `${name}, compiled against eager`,
      measures: `${describe(spec)}, batch ${spec.batch}, SGD; segments of ${segment} steps at the best cohort width, one thread`,
      value: median(rates.get(best)),
      unit: "trial-steps/s",
      baseline: { name: eager.name, value: median(rates.get(eager.name)) },
      ratio: ratioOfRounds(rates.get(best), rates.get(eager.name)),
      floor: { "products' operations": products, "other operations": elementwise, bytes },
      details: { best, ...Object.fromEntries(names.map((each) => [each, median(rates.get(each))])) },
    }),
  );
  const reached = rates.get(best).map((rate) => rate * products);
  report(
    entry({
      name: `${name}, share of the product rate`,
      measures: "operations a second of the step's products against those of plain 512³ products, one thread",
      value: median(reached) / 1e9,
      unit: "GFLOP/s",
      baseline: { name: product, value: median(rates.get(product)) / 1e9 },
      ratio: ratioOfRounds(reached, rates.get(product)),
    }),
  );
}

/** One network on the first backend that has the kernels of a step. */
async function eagerContender(common, use) {
  const failures = [];
  for (const backend of ["tfjs-wasm", "tfjs-cpu"]) {
    const executor = await use(createExecutor(backend));
    const name = `eager, ${backend}`;
    const contender = await use(trainingContender({ ...common, name, executor, steps: 1, cohortSize: 1 }));
    try {
      contender.begin();
      await contender.work();
      return contender;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, "no eager backend takes a step");
}

function describe(spec) {
  if (spec.kind === "cnn")
    return `1→${spec.channels.join("→")} channels, ${spec.kernel} × ${spec.kernel} filters, 28 × 28 pixels`;
  return `width ${spec.width}, ${spec.heads} heads, ${spec.blocks} blocks, ${spec.context} characters`;
}
