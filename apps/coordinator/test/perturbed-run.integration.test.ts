import { type TrialOutcomeRow, type WinRate, winRates } from "@stride/statistics";
import { expect, it } from "vitest";
import { strideHome } from "./stride.js";

const sweep = `study: perturbed
tasks:
  - { kind: logistic, data: synthetic, dimension: 6, trainingSize: 64, evaluationSize: 32, batch: 16 }
  - { kind: mlp, data: mnist, hidden: [6], trainingSize: 64, evaluationSize: 32, batch: 16 }
optimizers: [{ kind: sgd }, { kind: adam }]
schedules:
  - { kind: constant }
  - { name: again, kind: constant }
  - { name: elsewhere, kind: reseeded, schedule: { kind: constant } }
  - { kind: greedy, patience: 1, search: { patience: { from: 0, to: 9, whole: true }, factor: { from: 0.5, to: 0.95 } } }
  - { name: replayed, kind: replay, schedule: { kind: greedy, patience: 1 } }
  - { kind: line-search, only: { optimizers: [sgd] } }
  - { name: by parameter, kind: hypergradient, scope: parameter, beta: 0.001 }
learningRates: [0.01, 0.1]
search: { draws: 2 }
seeds: { tuning: 1, report: 2 }
noise: [none, { kind: labels, strength: 0.3 }, { kind: observed-loss, shape: spikes, strength: 2 }]
steps: 60
evaluate: { every: 10 }
analysis: { baseline: constant, metric: stepsToTarget, target: baseline }
`;

type Trial = TrialOutcomeRow & {
  readonly trialId: string;
  readonly noise: string;
  readonly drawn: boolean;
  readonly backwardPasses: number;
  readonly forwardPasses: number;
};
interface Curve {
  readonly trialId: string;
  readonly trainingLosses: readonly number[];
  readonly learningRates: readonly number[];
  readonly seenLosses?: readonly number[];
  readonly lowestRates?: readonly number[];
  readonly highestRates?: readonly number[];
}

it("runs noises, draws, rules on gradients and controls, and compares them", async () => {
  await using stride = await strideHome();
  const ran = await stride.run("run", await stride.write("perturbed.yaml", sweep));
  expect(ran.stderr).not.toMatch(/ [1-9]\d* failed/);
  expect(ran.code).toBe(0);
  const trials = (await stride.json("results", "trials", "perturbed", "--json")) as Trial[];
  // Two tasks, sgd with seven schedules and adam with six, three noises, two rates and two draws, three seeds.
  expect(trials).toHaveLength(2 * (7 + 6) * 3 * 4 * 3);
  const of = (schedule: string) => trials.filter((trial) => trial.schedule === schedule);

  // A/A on the same seeds: the same trainings, to rounding.
  const key = ({ task, optimizer, noise, learningRate, seed, drawn }: Trial) =>
    JSON.stringify([task, optimizer, noise, learningRate, seed, drawn]);
  const again = new Map(of("again").map((trial) => [key(trial), trial]));
  const pairs = of("constant").filter(({ drawn }) => !drawn);
  for (const trial of pairs) {
    const [ours, theirs] = [trial.finalEvaluationLoss, again.get(key(trial))?.finalEvaluationLoss];
    expect(Math.abs((ours as number) / (theirs as number) - 1)).toBeLessThan(1e-3);
  }
  const rows = (await stride.json(
    ...["results", "win-rate", "perturbed", "--metric", "finalEvaluationLoss", "--json"],
  )) as WinRate[];
  const fixed = rows.filter(({ view, challenger }) => view === "fixed" && challenger === "again");
  expect(fixed.length).toBeGreaterThan(0);
  for (const { wins, losses } of fixed) expect([wins, losses]).toEqual([0, 0]);
  // From other numbers it is another training.
  const elsewhere = rows.find(
    ({ view, challenger, task }) => view === "fixed" && challenger === "elsewhere" && task === "all",
  );
  expect((elsewhere?.wins ?? 0) + (elsewhere?.losses ?? 0)).toBeGreaterThan(0);

  // Costs: a replay trains twice, a search goes forward for every try.
  for (const trial of of("replayed")) expect(trial.backwardPasses).toBe(120);
  for (const trial of of("line-search")) expect(trial.forwardPasses).toBeGreaterThanOrEqual(2 * trial.backwardPasses);
  expect(trials.filter(({ drawn }) => drawn)).toHaveLength(trials.length / 2);

  // What it prints follows from its trials, times to a target too.
  const named = { margin: 0.01, baseline: "constant", seed: 0 } as const;
  expect(inOrder(rows.map(withoutParameters))).toEqual(
    inOrder(winRates(trials, { ...named, metric: "finalEvaluationLoss" })),
  );
  const times = (await stride.json("results", "win-rate", "perturbed", "--json")) as WinRate[];
  expect(times.some(({ wins }) => wins > 0)).toBe(true);
  const quiet = (await stride.json("results", "win-rate", "perturbed", "--noise", "none", "--json")) as WinRate[];
  expect(quiet.find(({ task }) => task === "all")?.pairs).toBeLessThan(
    times.find(({ task }) => task === "all")?.pairs as number,
  );

  const curves = (await stride.json("results", "curves", "perturbed", "--json")) as Curve[];
  const curveOf = new Map(curves.map((curve) => [curve.trialId, curve]));
  for (const trial of trials) {
    const { seenLosses, trainingLosses, lowestRates, highestRates } = curveOf.get(trial.trialId) as Curve;
    expect(seenLosses !== undefined).toBe(trial.noise !== "none");
    if (seenLosses !== undefined) expect(seenLosses).not.toEqual(trainingLosses);
    expect(lowestRates !== undefined && highestRates !== undefined).toBe(trial.schedule === "by parameter");
  }
}, 240_000);

/** What was drawn besides the rate is not in a trial's summary. */
function withoutParameters(row: WinRate): WinRate {
  return { ...row, rates: row.rates.map(({ parameters: _, ...rate }) => rate) };
}

function inOrder(rows: readonly WinRate[]): readonly WinRate[] {
  const key = ({ view, task, challenger }: WinRate) => JSON.stringify([view, task, challenger]);
  return [...rows].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}
