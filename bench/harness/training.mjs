import { randomStream } from "@stride/random";

/** Takes segments of training steps; a unit is one step of one trial. `groups` is 1 when all trials share their batches. */
export async function trainingContender({ name, executor, task, optimizer, cohortSize, shared, steps, learningRate }) {
  const program = await executor.program({ task, optimizer, cohortSize, sharedBatches: shared });
  const initial = Array.from({ length: cohortSize }, () =>
    task.init(randomStream({ seed: 0, purpose: "initial-weights" })),
  );
  const indices = new Int32Array(task.training.size === 0 ? 0 : steps * (shared ? 1 : cohortSize) * task.batchSize);
  const learningRates = new Float32Array(steps * cohortSize).fill(learningRate);
  let firstStep = 0;
  let lastLosses = [];
  return {
    name,
    begin() {
      program.load(initial);
      firstStep = 0;
    },
    async work() {
      // Peers draw their rows in the measured time too.
      fillWithRows(indices, task.training.size);
      ({ losses: lastLosses } = await program.run({ steps, firstStep, indices, learningRates }));
      firstStep += steps;
      return steps * cohortSize;
    },
    /** The last loss of the last trial. */
    lastLoss: () => lastLosses.at(-1),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** Throws when a training diverged: what it did then is no measurement. */
export function requireFinite(contenders) {
  for (const { name, lastLoss } of contenders) {
    if (!Number.isFinite(lastLoss())) throw new Error(`${name} diverged: its loss is ${lastLoss()}`);
  }
}

let state = 1;

function fillWithRows(indices, size) {
  for (let i = 0; i < indices.length; i++) {
    // Marsaglia, "Xorshift RNGs", 2003: what is measured is training, so drawing rows must cost nothing.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    indices[i] = (state >>> 0) % size;
  }
}
