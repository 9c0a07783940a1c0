import { createExecutor, type Executor } from "@stride/compile";
import { canonicalJson, type Episode, type EpisodeBatch, returnOf, type Trial } from "@stride/experiment";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { initialPolicy } from "@stride/schedules";
import { taskSpecSchema } from "@stride/tasks/spec";
import { train } from "@stride/training";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runEpisodes } from "./run-episodes.js";

const environment = {
  steps: 40,
  every: 10,
  actions: { kind: "discrete", factors: [0.5, 1, 2] },
  range: { lowest: 1e-3, highest: 1e3 },
  sees: { gradients: false, bound: false },
  reward: { signal: "evaluation", divergencePenalty: 5 },
} as const;
const policy = canonicalJson(initialPolicy({ ...environment, hidden: [8], critic: true, seed: 1 }));
const batch: EpisodeBatch = {
  kind: "episodes",
  cohortId: "a1",
  studyName: "study",
  iteration: 0,
  position: 0,
  purpose: "train",
  task: taskSpecSchema.parse({ kind: "quadratic", dimension: 5 }),
  optimizer: optimizerSpecSchema.parse({ kind: "sgd" }),
  environment,
  exploration: { kind: "policy" },
  starts: [0, 1, 2].map((seed) => ({ seed, learningRate: 0.01 })),
  policy,
};

let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor("onnx-cpu");
});
afterAll(() => executor[Symbol.asyncDispose]());

async function lived(change: Partial<EpisodeBatch> = {}): Promise<Episode[]> {
  const run = runEpisodes({ batch: { ...batch, ...change }, executor });
  let turn = await run.next();
  while (!turn.done) turn = await run.next();
  return turn.value.map((episode) => ({ ...episode, seconds: 0 }));
}

describe("an episode", () => {
  it("has a decision after every window but the last, each with features, an action and a reward", async () => {
    for (const episode of await lived()) {
      expect(episode.decisions).toBe(3);
      expect(episode.features).toHaveLength(3 * 9);
      for (const column of ["actions", "logProbabilities", "entropies", "rewards"] as const) {
        expect(episode[column]).toHaveLength(3);
        expect([...episode[column]].every(Number.isFinite)).toBe(true);
      }
      expect(episode).toMatchObject({ diverged: false, steps: 40 });
      // Next to uniform over three factors.
      for (const entropy of episode.entropies) expect(entropy).toBeCloseTo(Math.log(3), 2);
    }
  });

  it("is the same to the bit when it is lived again, and another with another seed", async () => {
    const [first, again] = [await lived(), await lived()];
    expect(again).toEqual(first);
    expect(first[1]?.features).not.toEqual(first[0]?.features);
  });

  it("depends on its own start alone, to rounding", async () => {
    const together = await lived();
    const [alone] = await lived({ starts: [batch.starts[2] as { seed: number; learningRate: number }] });
    expect(alone?.actions).toEqual(together[2]?.actions);
    alone?.rewards.forEach((reward, i) => {
      expect(reward).toBeCloseTo(together[2]?.rewards[i] as number, 3);
    });
  });

  it("is rewarded for the whole fall of the log loss from the first decision on", async () => {
    const constant = {
      exploration: { kind: "constant" },
      starts: Array(3).fill({ seed: 7, learningRate: 0.01 }),
    } as const;
    const [halving, keeping, doubling] = (await lived(constant)) as [Episode, Episode, Episode];
    expect([halving, keeping, doubling].map(({ actions }) => [...actions])).toEqual([0, 1, 2].map((a) => [a, a, a]));
    // Far below the stable rates of this quadratic, a larger rate takes the loss further.
    expect(returnOf(halving)).toBeLessThan(returnOf(keeping));
    expect(returnOf(keeping)).toBeLessThan(returnOf(doubling));
    // From after the first window on: the same for all three, so the rest of the fall is the difference of the last losses.
    const difference = returnOf(doubling) - returnOf(keeping);
    expect(difference).toBeCloseTo(Math.log(keeping.finalEvaluationLoss / doubling.finalEvaluationLoss), 4);
  });

  it("ends with the penalty where the loss is not finite", async () => {
    const reward = { signal: "train", divergencePenalty: 5 } as const;
    const [episode] = await lived({
      environment: { ...environment, steps: 400, reward },
      exploration: { kind: "constant" },
      starts: [
        { seed: 1, learningRate: 0.01 },
        { seed: 1, learningRate: 0.01 },
        { seed: 1, learningRate: 1 },
      ],
    }).then((all) => all.slice(2));
    expect(episode?.diverged).toBe(true);
    expect(episode?.finalEvaluationLoss).toBe(Number.POSITIVE_INFINITY);
    expect(episode?.rewards.at(-1)).toBe(-5);
    expect(episode?.rewards).toHaveLength(episode?.decisions ?? -1);
  });

  it("is the training of a constant schedule when its factor is always 1", async () => {
    const constant = {
      exploration: { kind: "constant" },
      starts: Array(2).fill({ seed: 3, learningRate: 0.05 }),
    } as const;
    const kept = (await lived(constant))[1] as Episode;
    const trial: Trial = {
      trialId: "t",
      task: batch.task,
      optimizer: batch.optimizer,
      scheduleName: "constant",
      schedule: { kind: "constant" },
      learningRate: 0.05,
      seed: 3,
      split: "report",
      steps: 40,
      evaluateEvery: 10,
    };
    const cohort = { cohortId: "c", studyName: "study", trials: [trial, { ...trial, trialId: "u" }] };
    const evaluations: number[] = [];
    for await (const report of train({ cohort, executor })) {
      evaluations.push(...report.evaluations.filter(({ trialId }) => trialId === "u").map(({ loss }) => loss));
    }
    expect(evaluations).toHaveLength(5);
    expect(kept.finalEvaluationLoss).toBe(evaluations[4]);
    const falls = [1, 2, 3].map((i) => Math.log(evaluations[i] as number) - Math.log(evaluations[i + 1] as number));
    expect(kept.rewards).toEqual(Float32Array.from(falls));
  });

  it("is returned for no batch that was stopped, and lived with no policy of another environment", async () => {
    const run = runEpisodes({ batch, executor, signal: AbortSignal.abort() });
    expect(await run.next()).toEqual({ done: true, value: [] });
    await expect(lived({ environment: { ...environment, every: 20 } })).rejects.toThrow(
      "the policy must decide after every 20 steps, as its environment, got 10",
    );
  });

  it("is charged the evaluations that its reward took", async () => {
    const [evaluated] = await lived();
    const reward = { signal: "train", divergencePenalty: 5 } as const;
    const [trained] = await lived({ environment: { ...environment, reward } });
    expect(trained?.forwardPasses).toBe(40);
    expect(evaluated?.forwardPasses).toBeGreaterThan(40);
  });
});
