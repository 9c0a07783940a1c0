import type { WinRate } from "@stride/statistics";
import { formatTable } from "./output.js";
import { parseStoredSweep } from "./stored-sweep.js";

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function withInterval(rate: WinRate["winRate"]): string {
  if (rate.value === null) return "–";
  if (rate.lower === null || rate.upper === null) return percent(rate.value);
  return `${percent(rate.value)} [${(100 * rate.lower).toFixed(1)}, ${(100 * rate.upper).toFixed(1)}]`;
}

export interface WinRateTableOptions {
  readonly studyName: string;
  /** The study's sweep, as it is stored. */
  readonly sweep: unknown;
}

/** The win-rate table for people: both views, each task and all of them together, and the rates that were chosen. */
export function formatWinRates(rows: readonly WinRate[], { studyName, sweep }: WinRateTableOptions): string {
  const { analysis, learningRates } = parseStoredSweep(sweep);
  const confidence = `[${Number((100 * analysis.confidence).toPrecision(4))} %]`;
  const titles = {
    fixed: "At fixed learning rates (robustness): every rate of the grid, report seeds",
    tuned: "Tuned (equal budgets): each schedule at the rate its tuning seeds chose, judged on report seeds",
  } as const;
  const views = (["fixed", "tuned"] as const).map((view) => {
    const table = formatTable(
      rows
        .filter((row) => row.view === view)
        .map((row) => ({
          task: row.task,
          challenger: row.challenger,
          baseline: row.baseline,
          wins: row.wins,
          ties: row.ties,
          losses: row.losses,
          undecided: row.undecided,
          winRate: withInterval(row.winRate),
          equalOrBetter: withInterval(row.equalOrBetter),
        })),
      { winRate: `win rate ${confidence}`, equalOrBetter: `equal or better ${confidence}` },
    );
    return `${titles[view]}\n${table}`;
  });
  return [`Study ${studyName}`, ...views, formatTunedRates(rows, learningRates)].join("\n\n");
}

/** The rate each schedule is judged at. One at an end of the grid may not be the schedule's best: a wider grid would tell. */
function formatTunedRates(rows: readonly WinRate[], grid: readonly number[]): string {
  const rates = new Map(
    rows
      .filter(({ task }) => task !== "all")
      .flatMap((row) => row.rates)
      .map((rate) => [JSON.stringify([rate.task, rate.optimizer, rate.schedule]), rate]),
  );
  if (rates.size === 0) return "No rates were tuned: the sweep has no tuning seeds.";
  const [least, greatest] = [Math.min(...grid), Math.max(...grid)];
  const isAtAnEnd = (rate: number | null) => grid.length > 1 && (rate === least || rate === greatest);
  const table = formatTable(
    [...rates.values()].map(({ task, optimizer, schedule, learningRate, tuningMean }) => ({
      task,
      optimizer,
      schedule,
      lr: learningRate,
      tuningMean,
      note: isAtAnEnd(learningRate) ? "at the end of the grid" : "",
    })),
    { tuningMean: "mean on tuning seeds" },
  );
  const atAnEnd = [...rates.values()].some(({ learningRate }) => isAtAnEnd(learningRate))
    ? "\nA rate at the end of the grid may not be the best one: widen the grid."
    : "";
  return `Rates chosen on the tuning seeds\n${table}${atAnEnd}`;
}
