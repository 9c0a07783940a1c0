/** Reads all that a page says of a finished study of trials. */
import { curveBands } from "@stride/report";
import { stride, strideLines } from "./ask-stride.mjs";
import * as digests from "./study-digest.mjs";

/**
 * A study's digest but for its curves, `digestWith(points)` with so many points each, and what its pictures are drawn from. Throws where
 * trials are to come.
 */
export async function studyResults(study, { margins: wanted, target }) {
  const { sweep, ...status } = await stride("status", study);
  const unfinished = status.trials.planned + status.trials.running;
  if (unfinished > 0) throw new Error(`${study} is not finished: ${unfinished} trials are to come`);
  const { analysis } = sweep;
  const margins = [...new Set([...wanted, analysis.margin])].sort((a, b) => a - b);

  const trials = await stride("results", "trials", study);
  const winRates = await stride("results", "win-rate", study);
  const atMargins = [];
  for (const margin of margins) {
    const rows = margin === analysis.margin ? winRates : await stride("results", "win-rate", study, "--margin", margin);
    // Of the other margins the tasks together are enough.
    const kept = rows.filter(({ task }) => task === "all" || margin === analysis.margin);
    atMargins.push(...kept.map((row) => ({ margin, ...digests.shortWinRate(row) })));
  }
  const chosenRates = digests.chosenRates(winRates);
  const shown = digests.shownTrials(trials, chosenRates, sweep.learningRates);
  const curves = await readCurves(study, shown.trials, sweep.steps);

  const common = {
    trainingSeconds: digests.rounded(trials.reduce((total, { seconds }) => total + seconds, 0)),
    executors: [...new Set(trials.map(({ executor }) => executor).filter((name) => name !== null))].sort(),
    ...{ sweep, seeds: digests.seedsOf(trials), trials: digests.outcomeCounts(trials) },
    ...{ margins, winRates: atMargins, noises: await byNoise(study, trials), chosenRates },
    timeToTarget: await timeToTarget(study, target),
  };
  return {
    ...{ sweep, trials, winRates, curves, rate: shown.rate },
    digestWith(points) {
      const bands = points === 0 ? [] : curveBands(curves.losses, { points, missing: "infinite" });
      return { ...common, curves: { of: "evaluationLoss", rate: shown.rate, lines: digests.bandColumns(bands) } };
    },
  };
}

/** Losses, rates and their ratios to stability bounds, where there are any, over steps; of rates at most some 400 each. */
async function readCurves(study, trials, steps) {
  const panelOf = digests.panelNames(trials);
  const trialOf = new Map(trials.map((trial) => [trial.trialId, trial]));
  const every = Math.ceil(steps / 400);
  const losses = [];
  const rates = [];
  const ratios = [];
  const ids = [...trialOf.keys()];
  for (let from = 0; from < ids.length; from += 1000) {
    for await (const curve of strideLines("results", "curves", study, "--trial", ...ids.slice(from, from + 1000))) {
      const trial = trialOf.get(curve.trialId);
      const common = { panel: panelOf(trial), schedule: trial.schedule, seed: trial.seed };
      losses.push({ ...common, points: curve.evaluations.map(({ step, loss }) => ({ step, value: loss })) });
      const last = curve.learningRates.length - 1;
      const some = (values) =>
        values.map((value, step) => ({ step, value })).filter(({ step }) => step % every === 0 || step === last);
      rates.push({ ...common, points: some(curve.learningRates) });
      if (curve.bounds !== undefined) ratios.push({ ...common, points: some(digests.ratiosToBounds(curve)) });
    }
  }
  // The order of the laboratory is its own affair; that of the published bytes is ours.
  const order = (a, b) => compare(a.panel, b.panel) || compare(a.schedule, b.schedule) || a.seed - b.seed;
  return { losses: losses.sort(order), rates: rates.sort(order), ratios: ratios.sort(order) };
}

/** Win rates over all tasks under each noise by itself; undefined where the study has one noise or none. */
async function byNoise(study, trials) {
  const noises = [...new Set(trials.map(({ noise }) => noise))].sort(compare);
  if (noises.length < 2) return undefined;
  const rows = [];
  for (const noise of noises) {
    const own = await stride("results", "win-rate", study, "--noise", noise);
    rows.push(...own.filter(({ task }) => task === "all").map((row) => ({ noise, ...digests.shortWinRate(row) })));
  }
  return rows;
}

/** Steps to a target loss; undefined where none was asked for. */
async function timeToTarget(study, target) {
  if (target === undefined) return undefined;
  const rows = await stride("results", "win-rate", study, "--metric", "stepsToTarget", "--target", target);
  return {
    metric: "stepsToTarget",
    target: target === "baseline" ? target : Number(target),
    rows: rows.map(digests.shortWinRate),
  };
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
