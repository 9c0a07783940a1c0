import { describe, expect, it } from "vitest";
import { drawCells, type Population, populationWinRate } from "../test/win-rate-population.js";
import { winRatesFromCells } from "./win-rates-from-cells.js";

/** Share of 200 studies of five conditions whose 95 % interval for "all" holds the population's win rate. */
function coverage(
  population: Population,
  { tasks, seeds }: { readonly tasks: number; readonly seeds: number },
): number {
  const truth = populationWinRate(population);
  const studies = Array.from({ length: 200 }, (_, sample) => {
    const cells = drawCells(population, { tasks, seeds, conditions: 5, sample });
    const options = { margin: 0, seed: sample, resamples: 200 };
    return winRatesFromCells({ cells, conditions: [], tunedRates: [] }, options)[0]?.winRate;
  });
  const holding = studies.filter((rate) => (rate?.lower ?? 1) <= truth && truth <= (rate?.upper ?? 0));
  return holding.length / studies.length;
}

// docs/statistics.md states these, from more studies. The band is two to three standard errors of a share of 200.
describe("a 95 % interval of the win rate", () => {
  it.each([
    { tasks: 1, seeds: 10, taskSpread: 0, centre: 0, from: 0.9, to: 0.98, remark: "about right with ten seeds" },
    { tasks: 1, seeds: 10, taskSpread: 0, centre: 2, from: 0.88, to: 0.97, remark: "a little low near 1" },
    { tasks: 1, seeds: 3, taskSpread: 0, centre: 0, from: 0.7, to: 0.88, remark: "too low with three seeds" },
    { tasks: 2, seeds: 10, taskSpread: 1, centre: 0, from: 0.78, to: 0.93, remark: "too low with two tasks" },
    { tasks: 5, seeds: 10, taskSpread: 1, centre: 2, from: 0.88, to: 0.98, remark: "about right with five tasks" },
    { tasks: 5, seeds: 10, taskSpread: 0, centre: 0, from: 0.97, to: 1, remark: "too high when tasks do not differ" },
  ])("covers between $from and $to of $tasks tasks × $seeds seeds, task spread $taskSpread: $remark", (row) => {
    const share = coverage({ centre: row.centre, taskSpread: row.taskSpread, seedSpread: 1 }, row);
    expect(share).toBeGreaterThanOrEqual(row.from);
    expect(share).toBeLessThanOrEqual(row.to);
  });
});

describe("the population the intervals are checked on", () => {
  it.each([
    { centre: 0, taskSpread: 1, seedSpread: 1, expected: 0.5 },
    { centre: 2, taskSpread: 0, seedSpread: 0, expected: 1 / (1 + Math.exp(-2)) },
  ])("has win rate $expected at centre $centre", ({ expected, ...population }) => {
    expect(populationWinRate(population)).toBeCloseTo(expected, 10);
  });

  it("gives samples whose mean is its win rate", () => {
    const population = { centre: 1, taskSpread: 1, seedSpread: 1 };
    const cells = drawCells(population, { tasks: 2000, seeds: 2, conditions: 5, sample: 1 });
    const wins = cells.reduce((sum, cell) => sum + cell.wins, 0);
    expect(Math.abs(wins / (5 * cells.length) - populationWinRate(population))).toBeLessThan(0.02);
  });
});
