/** What a study found, small enough for the repository: pure functions from what the command line prints to docs/results/NAME.json. */

/** No result file is larger, in bytes: thousands of trials are kept in the database, not in git. */
export const largestDigest = 200_000;

/** Points a curve keeps, fewer and fewer until the digest is small enough; 0: no curves at all. */
export const curvePointsTried = [60, 40, 24, 12, 0];

/** Four significant digits: more than any interval here supports. */
export function rounded(value) {
  return typeof value === "number" && Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}

const estimate = ({ value, lower, upper }) => [value, lower, upper].map(rounded);

const mapped = ({ value, lower, upper }, change) => {
  const each = (number) => (number === null ? null : change(number));
  return { value: each(value), lower: each(lower), upper: each(upper) };
};

/** A row of `results win-rate --json` without the chosen rates; estimates are [value, lower, upper]. */
export function shortWinRate(row) {
  const { view, task, challenger, wins, ties, losses, undecided } = row;
  return {
    ...{ view, task, challenger, wins, ties, losses, undecided },
    winRate: estimate(row.winRate),
    equalOrBetter: estimate(row.equalOrBetter),
    lossRatio: estimate(mapped(row.meanLogRatio, Math.exp)),
  };
}

/** The rates that the tuned view judges, each once, by task, optimizer, noise and schedule. */
export function chosenRates(rows) {
  const rates = rows.filter(({ task }) => task !== "all").flatMap(({ rates }) => rates);
  const distinct = new Map(rates.map((rate) => [keyOf(rate), rate]));
  const ordered = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1));
  return ordered.map(([, rate]) => ({ ...rate, tuningMean: rounded(rate.tuningMean) }));
}

/** A curve's rates divided by the stability bounds of their steps; null where a bound is not finite. */
export function ratiosToBounds({ learningRates, bounds }) {
  return learningRates.map((rate, step) => (bounds[step] > 0 ? rate / bounds[step] : null));
}

const keyOf = ({ task, optimizer, noise, schedule }) => JSON.stringify([task, optimizer, noise, schedule]);

/**
 * The trials whose curves are shown: report seeds, each schedule at its chosen rate; in a study without tuning seeds, all at the middle
 * rate of the grid, which no result had a part in choosing.
 */
export function shownTrials(trials, rates, grid) {
  const report = trials.filter(({ split }) => split === "report");
  if (rates.length === 0) {
    const middle = [...grid].sort((a, b) => a - b)[Math.floor((grid.length - 1) / 2)];
    return { rate: middle, trials: report.filter(({ learningRate, drawn }) => learningRate === middle && !drawn) };
  }
  const chosen = new Map(rates.map((rate) => [keyOf(rate), rate]));
  return {
    rate: "chosen",
    trials: report.filter((trial) => {
      const rate = chosen.get(keyOf(trial));
      return rate !== undefined && rate.learningRate === trial.learningRate && rate.drawn === trial.drawn;
    }),
  };
}

/** Names panels by task, and by optimizer and noise where the study has several. */
export function panelNames(trials) {
  const several = (key) => new Set(trials.map((trial) => trial[key])).size > 1;
  const [optimizers, noises] = [several("optimizer"), several("noise")];
  return ({ task, optimizer, noise }) =>
    [task, ...(optimizers ? [optimizer] : []), ...(noises ? [`noise ${noise}`] : [])].join(" · ");
}

/** Curve bands (`curveBands`), one entry a panel and schedule, columns instead of points. */
export function bandColumns(bands) {
  const lines = new Map();
  for (const { panel, schedule, step, lower, median, upper } of bands) {
    const key = JSON.stringify([panel, schedule]);
    const line = lines.get(key) ?? { panel, schedule, steps: [], lower: [], median: [], upper: [] };
    lines.set(key, line);
    line.steps.push(step);
    line.lower.push(rounded(lower));
    line.median.push(rounded(median));
    line.upper.push(rounded(upper));
  }
  return [...lines.values()];
}

/** How many trials ended how; endings that none had are left out. */
export function outcomeCounts(trials) {
  const counts = {};
  for (const { outcome } of trials) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The numbers of the seeds of each split, ascending. */
export function seedsOf(trials) {
  const of = (split) =>
    [...new Set(trials.filter((trial) => trial.split === split).map(({ seed }) => seed))].sort((a, b) => a - b);
  return { tuning: of("tuning"), report: of("report") };
}

/** Lists of at most `size`, about equally long, the first item (the baseline) at the head of each. */
export function groupsWith(first, others, size) {
  const count = Math.max(1, Math.ceil(others.length / (size - 1)));
  const each = Math.ceil(others.length / count);
  return Array.from({ length: count }, (_, place) => [first, ...others.slice(place * each, (place + 1) * each)]);
}

/** Rows of one picture: whole tasks, "all" first, as many as fit; a task with more stands alone. */
export function rowsByPicture(rows, most) {
  const tasks = new Map();
  for (const row of rows) tasks.set(row.task, [...(tasks.get(row.task) ?? []), row]);
  const ordered = [...tasks].sort(([a], [b]) => Number(b === "all") - Number(a === "all"));
  const pictures = [];
  for (const [, own] of ordered) {
    const last = pictures.at(-1);
    if (last !== undefined && last.length + own.length <= most) last.push(...own);
    else pictures.push([...own]);
  }
  return pictures;
}
