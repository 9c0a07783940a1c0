import { perParameter } from "@stride/optimizers";
import { createExecutor } from "./create-executor.js";
import { type ExecutorName, executorNames, type Program, type ProgramOptions } from "./executor.js";
import { tf } from "./tensorflow.js";

export interface ExecutorAvailability {
  readonly name: ExecutorName;
  readonly available: boolean;
  /** Why it cannot run here. */
  readonly reason?: string;
}

/** Tries each executor on this machine. */
export async function availableExecutors(): Promise<ExecutorAvailability[]> {
  const found: ExecutorAvailability[] = [];
  // One after another: TensorFlow.js and the GPU are one a process.
  for (const name of executorNames) found.push(await availability(name));
  return found;
}

/** Tries one executor on this machine with two steps of a one-dimensional problem. */
export async function availability(name: ExecutorName): Promise<ExecutorAvailability> {
  const reason = await whyNot(name);
  return reason === undefined ? { name, available: true } : { name, available: false, reason };
}

async function whyNot(name: ExecutorName): Promise<string | undefined> {
  try {
    await using executor = await createExecutor(name);
    await using program = await executor.program(probe);
    const loss = await lossAfterOneStep(program);
    return loss === 0.25 ? undefined : `it computed a loss of ${loss} where 0.25 is right`;
  } catch (error) {
    return error instanceof Error ? firstLine(error) : String(error);
  }
}

/** x² from x = 1 at the rate ¼: the losses are 1, then ¼. */
async function lossAfterOneStep(program: Program): Promise<number> {
  program.load([[Float32Array.of(1)]]);
  const rates = Float32Array.of(0.25, 0.25);
  const { losses } = await program.run({ steps: 2, firstStep: 0, indices: new Int32Array(), learningRates: rates });
  return losses[1] as number;
}

const noData = { size: 0, arrays: [] };
const square = ([x]: readonly tf.Tensor[]) => tf.sum(tf.square(x as tf.Tensor), 1);
const probe: ProgramOptions = {
  task: {
    parameters: [{ name: "x", shape: [1] }],
    batchSize: 0,
    training: noData,
    evaluation: noData,
    init: () => [Float32Array.of(1)],
    loss: square,
    evaluate: square,
  },
  optimizer: perParameter({
    slots: [],
    update: ({ parameter, gradient, learningRate }) => ({
      parameter: tf.sub(parameter, tf.mul(learningRate, gradient)),
      slots: [],
    }),
  }),
  cohortSize: 1,
  sharedBatches: true,
};

function firstLine({ message }: Error): string {
  const [line = message] = message.split("\n");
  return line.replace(/^.*?was false\. /, "");
}
