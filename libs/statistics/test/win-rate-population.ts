import { randomStream } from "@stride/random";
import type { WinRateCell } from "../src/index.js";

/**
 * A population of tasks and seeds: a pair is won with chance logistic(`centre` + task effect + seed effect), both effects normal
 * with the given spreads (standard deviations); there are no ties.
 */
export interface Population {
  readonly centre: number;
  readonly taskSpread: number;
  readonly seedSpread: number;
}

export interface Draw {
  readonly tasks: number;
  readonly seeds: number;
  /** Pairs of a task and seed, which share both effects. */
  readonly conditions: number;
  /** Which sample of the population: same number, same cells. */
  readonly sample: number;
}

/** The share of pairs won in the whole population: the trapezoid rule over the sum of both effects, to ±8 deviations. */
export function populationWinRate({ centre, taskSpread, seedSpread }: Population): number {
  const spread = Math.hypot(taskSpread, seedSpread);
  let rate = 0;
  let mass = 0;
  for (let deviations = -8; deviations <= 8; deviations += 0.01) {
    const density = Math.exp(-0.5 * deviations ** 2);
    rate += density * logistic(centre + spread * deviations);
    mass += density;
  }
  return rate / mass;
}

/** One study drawn from the population. */
export function drawCells(population: Population, { tasks, seeds, conditions, sample }: Draw): WinRateCell[] {
  const { centre, taskSpread, seedSpread } = population;
  const stream = randomStream({ seed: sample, purpose: "simulation" });
  const taskEffects = stream.normals(0, tasks);
  return Array.from(taskEffects).flatMap((taskEffect, task) => {
    const seedEffects = stream.normals(1 + 2 * task, seeds);
    const uniforms = stream.uniforms(2 + 2 * task, seeds * conditions);
    return Array.from(seedEffects, (seedEffect, seed) => {
      const chance = logistic(centre + taskSpread * taskEffect + seedSpread * seedEffect);
      const wins = uniforms.subarray(seed * conditions, (seed + 1) * conditions).filter((u) => u < chance).length;
      return {
        view: "fixed" as const,
        challenger: "challenger",
        baseline: "baseline",
        task: `task ${task}`,
        seed,
        wins,
        ties: 0,
        losses: conditions - wins,
        undecided: 0,
        logRatioSum: conditions - 2 * wins,
      };
    });
  });
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
