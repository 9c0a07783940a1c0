import type { Estimate, View, WinRate } from "@stride/statistics";
import { groupBy } from "./group-by.js";
import { type Panel, panelTitle } from "./panels.js";
import { renderSvg } from "./render-svg.js";
import { contrast, muted } from "./theme.js";

export interface WinRateChartOptions {
  readonly baseline: string;
  /** Of the intervals: 0.95. */
  readonly confidence: number;
  /** Relative difference that is a tie: 0.01. */
  readonly margin: number;
}

const views: Readonly<Record<View, string>> = {
  fixed: "At fixed rates: every rate of the grid",
  tuned: "Tuned: each at its own chosen rate",
};
const measures = ["equal or better", "win rate (a tie is half)"] as const;

/**
 * Win rates of every challenger against the baseline with their intervals, a column a view and a panel a task. Two marks each: how often
 * the challenger was equal or better, and its win rate, in which ties count half. The line at one half is what a schedule reaches in win
 * rate against itself. Comparisons without a decided pair are left out, and so is a view without any.
 */
export function winRateChart(rows: readonly WinRate[], options: WinRateChartOptions): Promise<string> {
  const { baseline, confidence, margin } = options;
  const shown = rows.filter((row) => row.baseline === baseline && row.winRate.value !== null);
  const byTask = groupBy(shown, ({ task }) => task);
  const tasks = [...byTask].sort(([a], [b]) => Number(b === "all") - Number(a === "all"));
  const columns = (["fixed", "tuned"] as const).filter((view) => shown.some((row) => row.view === view));
  return renderSvg({
    title: {
      text: `Win rates against ${baseline}`,
      subtitle: [
        `whiskers: ${percent(confidence)} intervals · a difference within ${percent(margin)} is a tie · dashed: one half`,
      ],
    },
    hconcat: columns.map((view, column) => ({
      title: { text: views[view], fontSize: 13, anchor: "start", offset: 8 },
      spacing: 12,
      vconcat: tasks.map(([task, own]) => {
        const challengers = [...new Set(own.map(({ challenger }) => challenger))];
        const values = own.filter((row) => row.view === view).flatMap(marksOf);
        return winRatePanel({
          task,
          challengers,
          values,
          labels: column === 0,
          width: columns.length === 1 ? 600 : 320,
        });
      }),
    })),
    spacing: 20,
    resolve: { scale: { x: "independent", y: "independent" } },
  });
}

interface WinRatePanel {
  readonly task: string;
  readonly challengers: string[];
  readonly values: ReturnType<typeof marksOf>;
  /** Whether the challengers are named: on the left they are, for the whole line. */
  readonly labels: boolean;
  readonly width: number;
}

function winRatePanel({ task, challengers, values, labels, width }: WinRatePanel): Panel {
  const x = { type: "quantitative", scale: { domain: [0, 1] as number[], nice: false, padding: 8 } } as const;
  const axis = { format: ".0%", values: [0, 0.25, 0.5, 0.75, 1] as number[], title: null } as const;
  const y = {
    field: "challenger",
    type: "nominal",
    title: null,
    axis: { labels, ticks: false, labelLimit: 170, labelPadding: 6, grid: false },
    scale: { domain: challengers, paddingInner: 0.3, paddingOuter: 0.2 },
  } as const;
  const measure = { field: "measure", type: "nominal" } as const;
  const yOffset = { ...measure, sort: [...measures] };
  const color = {
    ...measure,
    scale: { domain: [...measures], range: [contrast.first, contrast.second] },
    legend: { orient: "top", title: null },
  } as const;
  const shape = { ...measure, scale: { domain: [...measures], range: ["circle", "diamond"] } } as const;
  return {
    title: panelTitle(task === "all" ? "all tasks" : task, width),
    width,
    height: { step: 11 },
    data: { values },
    layer: [
      { mark: { type: "rule", color: muted, strokeDash: [4, 3] }, encoding: { x: { datum: 0.5, ...x, axis } } },
      {
        mark: { type: "rule", strokeWidth: 2 },
        encoding: { x: { ...x, field: "lower", axis }, x2: { field: "upper" }, y, yOffset, color },
      },
      {
        mark: { type: "point", filled: true, size: 55, opacity: 1 },
        encoding: { x: { ...x, field: "value", axis }, y, yOffset, color, shape },
      },
    ],
  };
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;

function marksOf({ challenger, equalOrBetter, winRate }: WinRate) {
  return [markOf(challenger, measures[0], equalOrBetter), markOf(challenger, measures[1], winRate)];
}

function markOf(challenger: string, measure: string, { value, lower, upper }: Estimate) {
  return { challenger, measure, value, lower: lower ?? value, upper: upper ?? value };
}
