import type { WinRate } from "@stride/statistics";
import { formatTable } from "./output.js";

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function withInterval(rate: WinRate["winRate"]): string {
  if (rate.value === null) return "–";
  if (rate.lower === null || rate.upper === null) return percent(rate.value);
  return `${percent(rate.value)} [${(100 * rate.lower).toFixed(1)}, ${(100 * rate.upper).toFixed(1)}]`;
}

/** The win-rate table for people: both views, each task and all of them together. */
export function formatWinRates(rows: readonly WinRate[], { studyName }: { readonly studyName: string }): string {
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
      { winRate: "win rate [95 %]", equalOrBetter: "equal or better [95 %]" },
    );
    return `${titles[view]}\n${table}`;
  });
  return [`Study ${studyName}`, ...views].join("\n\n");
}
