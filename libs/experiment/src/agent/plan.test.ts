import { taskLabel } from "@stride/tasks/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { iterationWork, replayedIterations, targetVersion } from "./plan.js";
import { agentWorkSchema } from "./schemas.js";
import { parseAgentSweep } from "./sweep.js";

const sweepOf = (algorithm = "{ kind: ppo }", iterations = 6) =>
  parseAgentSweep(`study: rl
agent:
  algorithm: ${algorithm}
  iterations: ${iterations}
  episodes: { batches: 2, each: 5 }
  validate: { every: 4, each: 2 }
  decide: { every: 10 }
family:
  task: { kind: quadratic, dimension: { from: 2, to: 99, whole: true } }
  initialRate: { from: 0.01, to: 1 }
  train: 3
  validation: 2
  test: 0
steps: 100
`);
const sweep = sweepOf();
const policies = { policy: "{}" };
const work = (iteration: number) => iterationWork(sweep, iteration, policies);

describe("the work of an iteration", () => {
  it("is a function of the sweep, the iteration and the policies", () => {
    expect(work(2)).toEqual(iterationWork(JSON.parse(JSON.stringify(sweep)), 2, { policy: "{}" }));
    expect(work(2)).not.toEqual(work(3));
  });

  it("validates version 0, every fourth and the last, which learns nothing more", () => {
    const purposes = Array.from({ length: 7 }, (_, i) =>
      work(i)
        .batches.map(({ purpose }) => purpose[0])
        .join(""),
    );
    expect(purposes).toEqual(["ttvv", "tt", "tt", "tt", "ttvv", "tt", "vv"]);
    expect(work(6).update).toBeUndefined();
    expect(work(5).update?.iteration).toBe(5);
  });

  it("is what a worker takes at its door", () => {
    const { batches, update } = iterationWork(sweepOf("{ kind: double-dqn }"), 0, { policy: "{}", target: "{}" });
    for (const each of [...batches, update]) expect(agentWorkSchema.parse(each)).toEqual(each);
  });

  it("has ids that never repeat", () => {
    const ids = Array.from({ length: 7 }, (_, i) => work(i)).flatMap(({ batches, update }) =>
      [...batches, ...(update === undefined ? [] : [update])].map(({ cohortId }) => cohortId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^a[0-9a-f]{24}$/.test(id))).toBe(true);
  });

  it("trains every task as often as the others", () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 6; i++) {
      for (const { purpose, task } of work(i).batches) {
        if (purpose === "train") counts.set(taskLabel(task), (counts.get(taskLabel(task)) ?? 0) + 1);
      }
    }
    expect([...counts.values()]).toEqual([4, 4, 4]);
  });

  it("lives no training twice, and validates with the same ones in every version", () => {
    const startsOf = (purpose: string) =>
      Array.from({ length: 7 }, (_, i) => work(i).batches.filter((batch) => batch.purpose === purpose)).flat();
    const seeds = startsOf("train").flatMap(({ starts }) => starts.map(({ seed }) => seed));
    expect(new Set(seeds).size).toBe(6 * 2 * 5);
    expect(Math.min(...seeds)).toBeGreaterThanOrEqual(2_000_000_000);
    const [first, second, third, fourth] = startsOf("validation").map(({ starts }) => starts);
    expect([third, fourth]).toEqual([first, second]);
    expect(second).not.toEqual(first);
  });

  it("draws first rates evenly in the logarithm, within their range", () => {
    const rates = Array.from({ length: 6 }, (_, i) => work(i).batches)
      .flat()
      .flatMap(({ starts }) => starts.map((each) => each.learningRate));
    for (const rate of rates) {
      expect(rate).toBeGreaterThanOrEqual(0.01);
      expect(rate).toBeLessThanOrEqual(1);
    }
    const below = rates.filter((rate) => rate < 0.1).length / rates.length;
    expect(below).toBeGreaterThan(0.3);
    expect(below).toBeLessThan(0.7);
  });
});

describe("whatever the numbers of batches, episodes and tasks", () => {
  const sweeps = fc
    .record({
      seed: fc.nat(),
      iterations: fc.integer({ min: 1, max: 8 }),
      batches: fc.integer({ min: 1, max: 5 }),
      each: fc.integer({ min: 1, max: 4 }),
      train: fc.integer({ min: 1, max: 3 }),
      every: fc.integer({ min: 1, max: 9 }),
    })
    .map(({ seed, iterations, batches, each, train, every }) => ({
      ...sweep,
      seed,
      iterations,
      episodes: { batches, each },
      validate: { every, each: 2 },
      tasks: { ...sweep.tasks, train: sweep.tasks.train.slice(0, train) },
    }));
  const planOf = (each: typeof sweep) =>
    Array.from({ length: each.iterations + 1 }, (_, i) => iterationWork(each, i, policies));

  it("no id and no training seed comes a second time", () => {
    fc.assert(
      fc.property(sweeps, (each) => {
        const all = planOf(each);
        const ids = all
          .flatMap(({ batches, update }) => [...batches, ...(update ? [update] : [])])
          .map((one) => one.cohortId);
        expect(new Set(ids).size).toBe(ids.length);
        const training = all.flatMap(({ batches }) => batches.filter(({ purpose }) => purpose === "train"));
        const seeds = training.flatMap(({ starts }) => starts.map((start) => start.seed));
        expect(new Set(seeds).size).toBe(each.iterations * each.episodes.batches * each.episodes.each);
        expect(seeds.every(Number.isSafeInteger)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it("no training task is ahead of another by more than one batch", () => {
    fc.assert(
      fc.property(sweeps, (each) => {
        const counts = new Map(each.tasks.train.map((task) => [taskLabel(task), 0]));
        for (const { purpose, task } of planOf(each).flatMap(({ batches }) => batches)) {
          if (purpose === "train") counts.set(taskLabel(task), (counts.get(taskLabel(task)) ?? Number.NaN) + 1);
        }
        expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
      }),
      { numRuns: 40 },
    );
  });

  it("positions count from 0, the training batches first", () => {
    fc.assert(
      fc.property(sweeps, (each) => {
        const { batches } = each.episodes;
        for (const [i, { batches: all }] of planOf(each).entries()) {
          const positions = all.map(({ position }) => position);
          const first = i < each.iterations ? 0 : batches;
          expect(positions).toEqual(positions.map((_, place) => first + place));
          expect(all.every(({ position, purpose }) => position < batches === (purpose === "train"))).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("how an algorithm explores", () => {
  const explorations = (algorithm: string, iterations = 6) =>
    [0, 1, 5].map(
      (i) => iterationWork(sweepOf(algorithm, iterations), i, { ...policies, target: "{}" }).batches[0]?.exploration,
    );

  it("falls with epsilon for double DQN", () => {
    expect(explorations("{ kind: double-dqn, epsilon: { from: 1, to: 0.2, over: 2 } }")).toEqual(
      [1, 0.6, 0.2].map((epsilon) => ({ kind: "epsilon", epsilon: expect.closeTo(epsilon, 12) })),
    );
  });

  it("is the policy's own chance for PPO, and each action all along for the best constant one", () => {
    expect(explorations("{ kind: ppo }")[0]).toEqual({ kind: "policy" });
    expect(iterationWork(sweepOf("{ kind: best-constant }", 1), 0, policies).batches[0]?.exploration).toEqual({
      kind: "constant",
    });
  });

  it("names the target network and what is replayed for double DQN alone", () => {
    const dqn = sweepOf("{ kind: double-dqn, target: 3, replay: 4 }");
    expect([0, 2, 3, 5].map((i) => targetVersion(dqn, i))).toEqual([0, 0, 3, 3]);
    expect(replayedIterations(dqn)).toBe(3);
    expect([targetVersion(sweep, 3), replayedIterations(sweep)]).toEqual([undefined, 0]);
  });
});
