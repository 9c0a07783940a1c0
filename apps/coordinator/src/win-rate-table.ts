import type { TunedRate, WinRate } from "@stride/statistics";
import { formatNumber, formatTable } from "./output.js";
import { parseStoredSweep } from "./stored-sweep.js";

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** `96.7 % [87.5, 100.0]`. */
export function withInterval(rate: WinRate["winRate"]): string {
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

/**
 * The rate each schedule is judged at, and what was drawn with it. One at an end of the grid may not be the schedule's best: a wider
 * grid would tell.
 */
function formatTunedRates(rows: readonly WinRate[], grid: readonly number[]): string {
  const rates = new Map(
    rows
      .filter(({ task }) => task !== "all")
      .flatMap((row) => row.rates)
      .map((rate) => [JSON.stringify([rate.task, rate.optimizer, rate.noise, rate.schedule]), rate]),
  );
  if (rates.size === 0) return "No rates were tuned: the sweep has no tuning seeds.";
  const [least, greatest] = [Math.min(...grid), Math.max(...grid)];
  const isAtAnEnd = ({ learningRate, drawn }: TunedRate) =>
    !drawn && grid.length > 1 && (learningRate === least || learningRate === greatest);
  const chosen = [...rates.values()];
  if (grid.length === 1 && !chosen.some(({ drawn }) => drawn)) {
    return `Every schedule at the sweep's one rate, ${formatNumber(least)}: there was nothing to choose.`;
  }
  const noisy = chosen.some(({ noise }) => noise !== "none");
  const table = formatTable(
    chosen.map((rate) => ({
      task: rate.task,
      optimizer: rate.optimizer,
      ...(noisy ? { noise: rate.noise } : {}),
      schedule: rate.schedule,
      lr: rate.learningRate,
      tuningMean: rate.tuningMean,
      note: isAtAnEnd(rate) ? "at the end of the grid" : rate.drawn ? describeDraw(rate) : "",
    })),
    { tuningMean: "mean on tuning seeds" },
  );
  const atAnEnd = chosen.some(isAtAnEnd)
    ? "\nA rate at the end of the grid may not be the best one: widen the grid."
    : "";
  return `Rates chosen on the tuning seeds\n${table}${atAnEnd}`;
}

/** `drawn: patience 3, factor 0.5`. */
function describeDraw({ parameters = {} }: TunedRate): string {
  const drawn = Object.entries(parameters).map(([path, value]) => {
    if (typeof value === "number") return `${path} ${formatNumber(value)}`;
    return `${path} ${typeof value === "string" ? value : JSON.stringify(value)}`;
  });
  return drawn.length === 0 ? "drawn" : `drawn: ${drawn.join(", ")}`;
}
