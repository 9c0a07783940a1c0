/** An agent's study small enough to be measured: NMF of 64 columns, 400 steps an episode, a decision every 20. JSON is YAML. */
export function agentSource({ study, iterations, batches, each }) {
  return JSON.stringify({
    study,
    agent: {
      algorithm: { kind: "ppo" },
      iterations,
      episodes: { batches, each },
      validate: { every: iterations, each: 1 },
      decide: { every: 20 },
      reward: { signal: "evaluation" },
      seed: 1,
    },
    family: {
      task: {
        kind: "nmf",
        data: "synthetic",
        rank: { oneOf: [4, 8] },
        columns: { from: 48, to: 96, whole: true },
        rows: 256,
        batch: 32,
        evaluationRows: 64,
      },
      initialRate: { from: 0.01, to: 1 },
      train: batches,
      validation: 1,
      test: 1,
    },
    optimizer: { kind: "sgd", momentum: 0 },
    steps: 400,
  });
}
