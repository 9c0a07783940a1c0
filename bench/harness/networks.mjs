import { createExecutor } from "@stride/compile";
import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { createTask } from "@stride/tasks";
import { taskSpecSchema } from "@stride/tasks/spec";
import { trainingContender } from "./training.mjs";

/** As sweeps have them by default; bench/peers holds the same. `small` shows that all works, in seconds. */
export const networks = [
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
/** Steps of a compiled segment. */
export const segment = 10;

/** What contenders that train the network have in common, and the network's whole spec. */
export async function trainingOf({ spec: given, small, learningRate }, quick) {
  const spec = taskSpecSchema.parse({ ...given, ...(quick ? small : {}) });
  const optimizer = createOptimizer(optimizerSpecSchema.parse({ kind: "sgd" }));
  return { spec, common: { task: await createTask(spec), optimizer, shared: false, learningRate } };
}

/** The compiled step at each cohort width, on one thread. */
export async function compiledContenders(common, use) {
  const executor = await use(createExecutor("onnx-cpu", { threads: 1 }));
  const made = [];
  for (const cohortSize of cohorts) {
    const settings = { ...common, name: `compiled K = ${cohortSize}`, executor, steps: segment, cohortSize };
    made.push(await use(trainingContender(settings)));
  }
  return made;
}

/** One network on the first TensorFlow.js backend that has the kernels of a step. */
export async function eagerContender(common, use) {
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
