import type { EpisodeBatch } from "@stride/experiment";
import { sampleAgentStudy, sampleEpisodes } from "@stride/experiment/contracts";
import { expect, it } from "vitest";
import { testDatabase } from "../../test/test-database.js";

it("shows analysts each episode without its trajectory, and each policy's version with how it did", async () => {
  await using database = await testDatabase();
  await using store = await database.open();
  const study = sampleAgentStudy();
  await store.submitAgentStudy(study);
  const [flow] = await store.undeliveredFlows({ leaseMs: 1, limit: 1 });
  const [train, , validation] = flow?.batches ?? [];
  for (const [batch, worth] of [[train, 2.5] as const, [validation, -1] as const]) {
    const { cohortId } = batch as EpisodeBatch;
    const started = await store.startAttempt({ cohortId, workerId: "worker", executor: "none" });
    if (started.kind !== "continue") throw new Error("the attempt was refused");
    const episodes = sampleEpisodes(batch as EpisodeBatch, worth);
    await store.finishEpisodes({ cohortId, token: started.token, episodes });
  }

  const episodes = await database.query("select * from stride.episode_results order by position, episode_index");
  expect(episodes).toHaveLength(4);
  const [start] = train?.starts ?? [];
  expect(episodes[0]).toEqual({
    study: study.name,
    policy: study.name,
    version: 0,
    purpose: "train",
    position: 0,
    episode_index: 0,
    task: expect.stringMatching(/^quadratic-\d+$/),
    seed: String(start?.seed),
    learning_rate: start?.learningRate,
    return: 2.5,
    entropy: 1,
    decisions: 2,
    steps: 40,
    diverged: false,
    final_evaluation_loss: 0.5,
    forward_passes: "50",
    backward_passes: "40",
    seconds: 0.25,
  });
  expect(episodes[1]).toMatchObject({ diverged: true, final_evaluation_loss: Number.POSITIVE_INFINITY, steps: 20 });
  expect(episodes.slice(2)).toMatchObject(Array(2).fill({ purpose: "validation", return: -1 }));

  const [row, ...others] = await database.query(`
    select name, version, parent, training_episodes::int, training_return, training_divergence::float8, training_entropy,
      validation_episodes::int, validation_return, validation_divergence::float8, length(sha256) as digits, statistics
    from stride.policy_versions`);
  expect(others).toEqual([]);
  expect(row).toEqual({
    name: study.name,
    version: 0,
    parent: null,
    training_episodes: 2,
    training_return: 2.5,
    training_divergence: 0.5,
    training_entropy: 1,
    validation_episodes: 2,
    validation_return: -1,
    validation_divergence: 0.5,
    digits: 64,
    statistics: {},
  });
  expect(await database.query("select trial_id from stride.trial_results")).toEqual([]);
});

it("loses an agent's policies and episodes with its study, and nobody else's", async () => {
  await using database = await testDatabase();
  await using store = await database.open();
  const [first, second] = [sampleAgentStudy(), sampleAgentStudy()];
  for (const study of [first, second]) await store.submitAgentStudy(study);
  await database.query("delete from stride.studies where name = $1", [first.name]);
  expect((await store.policies()).map(({ name }) => name)).toEqual([second.name]);
  expect(await store.agentProgress(first.name)).toBeUndefined();
});
