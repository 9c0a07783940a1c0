/** The pictures of a result page, from what the command line prints: pure. */
import {
  boundChart,
  curveBands,
  learningCurveChart,
  parameterEffectChart,
  parameterEffects,
  rateChart,
  rateSensitivity,
  rateSensitivityChart,
  returnChart,
  scheduleMarks,
  winRateChart,
} from "@stride/report";
import { groupsWith, panelNames, rowsByPicture } from "./study-digest.mjs";

/** More lines in a panel cannot be told apart. */
const mostSchedules = 8;
/** Challengers, all tasks together, in one picture of win rates: some 1,000 px. */
const mostRows = 32;
const curvePoints = 60;

/** { kind, file, title, svg } of each picture, in the order of the page. */
export async function drawPictures({ study, sweep, trials, winRates, curves, rate, effects }) {
  const { baseline, confidence, margin, metric } = sweep.analysis;
  const names = sweep.schedules.map(({ name }) => name);
  const marks = scheduleMarks(names, baseline);
  const groups = groupsWith(
    baseline,
    names.filter((name) => name !== baseline),
    mostSchedules,
  ).map((group) => marks.filter(({ schedule }) => group.includes(schedule)));
  const pictures = [];
  const add = async (kind, title, drawings) => {
    for (const [place, drawing] of drawings.entries()) {
      const suffix = place === 0 ? "" : `-${place + 1}`;
      pictures.push({ kind, title, file: `${study}-${kind}${suffix}.svg`, svg: await drawing });
    }
  };

  const compared = rowsByPicture(winRates, 2 * mostRows);
  await add(
    "win-rates",
    `Win rates against ${baseline}`,
    compared.map((rows) => winRateChart(rows, { baseline, confidence, margin })),
  );

  const panelOf = panelNames(trials);
  const lossKey = ["finalEvaluationLoss", "bestEvaluationLoss", "areaUnderCurve"].includes(metric)
    ? metric
    : "finalEvaluationLoss";
  const lossTitle = {
    finalEvaluationLoss: "final loss",
    bestEvaluationLoss: "best loss",
    areaUnderCurve: "area under the curve",
  }[lossKey];
  const sensitivity = rateSensitivity(
    trials
      .filter(({ split, drawn }) => split === "report" && !drawn)
      .map((trial) => ({
        ...{ panel: panelOf(trial), schedule: trial.schedule, learningRate: trial.learningRate },
        ...{ loss: trial[lossKey], diverged: trial.outcome === "diverged" },
      })),
  );
  if (sweep.learningRates.length > 1)
    await add(
      "sensitivity",
      "Final loss by base learning rate",
      groups.map((marks) => rateSensitivityChart(sensitivity, { marks, lossTitle })),
    );

  const note =
    rate === "chosen" ? "report seeds, each schedule at its chosen rate" : `report seeds, all at the rate ${rate}`;
  const bands = curveBands(curves.losses, { points: curvePoints, missing: "infinite" });
  await add(
    "learning-curves",
    "Learning curves",
    groups.map((marks) => learningCurveChart(bands, { marks, note })),
  );
  await add(
    "rates",
    "Learning rates over steps",
    groups.map((marks) => rateChart(curves.rates, { marks, note })),
  );
  const bounded = new Set(curves.ratios.map(({ schedule }) => schedule));
  await add(
    "bounds",
    "Learning rates against the stability bound",
    groups
      .filter((marks) => marks.some(({ schedule }) => bounded.has(schedule)))
      .map((marks) => boundChart(curves.ratios, { marks, note })),
  );

  const view = sweep.seeds.tuning > 0 ? "tuned" : "fixed";
  await add(
    "effect",
    "What two parameters do",
    effects.map(({ x, y }) =>
      parameterEffectChart(parameterEffects(winRates, sweep.schedules, { x, y, baseline, view }), { x, y, baseline }),
    ),
  );
  return pictures;
}

/** How an agent's return changed from version to version, as `drawPictures` gives its own. */
export async function drawReturns({ study, policies, policy, best }) {
  const svg = await returnChart(policies, { policy, best });
  return [{ kind: "returns", title: `Return by version of ${policy}`, file: `${study}-returns.svg`, svg }];
}
