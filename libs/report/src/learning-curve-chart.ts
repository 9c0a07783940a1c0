import type { BandPoint } from "./curve-bands.js";
import { groupBy } from "./group-by.js";
import { magnitudeAxis } from "./magnitude-axis.js";
import { type Panel, panelSize, panelSpec, panelTitle } from "./panels.js";
import { renderSvg } from "./render-svg.js";
import { legendOf, markScales, type ScheduleMark } from "./schedule-marks.js";

export interface LearningCurveOptions {
  /** The schedules that are drawn, and how. */
  readonly marks: readonly ScheduleMark[];
  /** What the vertical axis shows. */
  readonly lossTitle?: string;
  readonly note?: string;
}

/**
 * Median loss over steps with the band between the quartiles over seeds, one panel a task, in log loss. A line ends where the median
 * has diverged, a band where its upper quartile has.
 */
export function learningCurveChart(
  bands: readonly BandPoint[],
  { marks, lossTitle = "held-out loss", note }: LearningCurveOptions,
): Promise<string> {
  const drawn = new Set(marks.map(({ schedule }) => schedule));
  const panels = groupBy(
    bands.filter(({ schedule }) => drawn.has(schedule)),
    ({ panel }) => panel,
  );
  const { width, height } = panelSize(panels.size);
  const scales = markScales(marks);
  const legend = legendOf(marks, "line");
  const specs = [...panels].map(([name, points]): Panel => {
    const { scale, axis } = magnitudeAxis(points.flatMap(({ lower, median, upper }) => [lower, median, upper]));
    const y = { type: "quantitative", scale, title: lossTitle } as const;
    return {
      title: panelTitle(name, width),
      width,
      height,
      data: { values: points.map((point) => ({ ...point })) },
      encoding: {
        x: {
          field: "step",
          type: "quantitative",
          title: "step",
          axis: { grid: false, tickCount: 6, tickMinStep: 1 },
          scale: { nice: false },
        },
        color: { field: "schedule", type: "nominal", scale: scales.colour, legend },
      },
      layer: [
        {
          transform: [{ filter: "isValid(datum.lower) && isValid(datum.upper)" }],
          mark: { type: "area", opacity: 0.16, clip: true },
          encoding: { y: { ...y, field: "lower", axis }, y2: { field: "upper" } },
        },
        {
          transform: [{ filter: "isValid(datum.median)" }],
          mark: { type: "line", strokeWidth: 2, clip: true },
          encoding: {
            y: { ...y, field: "median" },
            strokeDash: { field: "schedule", type: "nominal", scale: scales.dash, legend },
          },
        },
      ],
    };
  });
  return renderSvg(
    panelSpec(
      {
        title: "Learning curves",
        subtitle: ["line: median over seeds · band: between the quartiles", ...(note === undefined ? [] : [note])],
      },
      specs,
    ),
  );
}
