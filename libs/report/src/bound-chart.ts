import { curveBands, type SeedCurve } from "./curve-bands.js";
import { groupBy } from "./group-by.js";
import { magnitudeAxis } from "./magnitude-axis.js";
import { type Panel, panelSize, panelSpec, panelTitle, stepChannel } from "./panels.js";
import { renderSvg } from "./render-svg.js";
import { legendOf, markScales, type ScheduleMark } from "./schedule-marks.js";

export interface BoundChartOptions {
  /** The schedules that are drawn, and how; those without a curve are left out of the legend. */
  readonly marks: readonly ScheduleMark[];
  readonly note?: string;
}

/** Ratios beyond this, either way, are drawn at the ends: a decay to 0 and a run that leaves would flatten all the rest. */
const farthest = 1e3;
const drawnPoints = 120;

/**
 * Learning rates divided by the stability bound of their step, one panel a task: the median over seeds, and the band between the
 * quartiles, on a logarithmic scale; a rule marks 1, where the rate is the bound. A value is null at a step without a finite bound; it is
 * left out.
 */
export function boundChart(ratios: readonly SeedCurve[], { marks, note }: BoundChartOptions): Promise<string> {
  const known = new Set(ratios.map(({ schedule }) => schedule));
  const drawn = marks.filter(({ schedule }) => known.has(schedule));
  const names = new Set(drawn.map(({ schedule }) => schedule));
  const panels = groupBy(
    ratios.filter(({ schedule }) => names.has(schedule)),
    ({ panel }) => panel,
  );
  const size = panelSize(panels.size);
  const lastStep = ratios.reduce((last, { points }) => Math.max(last, points.at(-1)?.step ?? 0), 0);
  const specs = [...panels].map(([name, seeds]) => boundPanel(name, seeds, { marks: drawn, lastStep, ...size }));
  return renderSvg(
    panelSpec(
      {
        title: "Learning rates against the stability bound",
        subtitle: [
          "line: median over seeds of rate ÷ bound · band: between the quartiles · rule: rate = bound",
          "beyond 1/1,000 and 1,000: at the ends",
          ...(note === undefined ? [] : [note]),
        ],
      },
      specs,
    ),
  );
}

interface BoundPanelOptions {
  readonly marks: readonly ScheduleMark[];
  readonly lastStep: number;
  readonly width: number;
  readonly height: number;
}

function boundPanel(
  name: string,
  seeds: readonly SeedCurve[],
  { marks, lastStep, width, height }: BoundPanelOptions,
): Panel {
  const points = curveBands(seeds, { points: drawnPoints, missing: "absent" }).flatMap((point) => {
    const [lower, median, upper] = [point.lower, point.median, point.upper].map(within);
    return median === undefined ? [] : [{ schedule: point.schedule, step: point.step, lower, median, upper }];
  });
  const { scale, axis } = magnitudeAxis([1, ...points.flatMap(({ lower, upper }) => [lower ?? 1, upper ?? 1])]);
  const scales = markScales(marks);
  const legend = legendOf(marks, "line");
  const y = { type: "quantitative", scale, title: "rate ÷ bound" } as const;
  const colour = { field: "schedule", type: "nominal", scale: scales.colour, legend } as const;
  const x = stepChannel(lastStep);
  return {
    title: panelTitle(name, width),
    width,
    height,
    layer: [
      {
        data: { values: points },
        mark: { type: "area", opacity: 0.16, clip: true },
        encoding: { x, y: { ...y, field: "lower", axis }, y2: { field: "upper" }, color: colour },
      },
      {
        data: { values: points },
        mark: { type: "line", strokeWidth: 2, clip: true },
        encoding: {
          ...{ x, color: colour, y: { ...y, field: "median" } },
          strokeDash: { field: "schedule", type: "nominal", scale: scales.dash, legend },
        },
      },
      {
        data: { values: [{ bound: 1 }] },
        mark: { type: "rule", strokeWidth: 1, strokeDash: [4, 3], color: "#555555" },
        encoding: { y: { ...y, field: "bound" } },
      },
    ],
  };
}

function within(ratio: number | null): number | undefined {
  return ratio === null ? undefined : Math.min(farthest, Math.max(1 / farthest, ratio));
}
