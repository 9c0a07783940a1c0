import type { BandPoint } from "./curve-bands.js";
import { groupBy } from "./group-by.js";
import { magnitudeAxis } from "./magnitude-axis.js";
import { type Panel, panelSize, panelSpec, panelTitle, stepChannel } from "./panels.js";
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
 * Median loss over steps with the band between the quartiles over seeds, one panel a task, in log loss. A line ends, in a cross,
 * where the median has diverged, a band where its upper quartile has.
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
  const lastStep = bands.reduce((last, { step }) => Math.max(last, step), 0);
  const specs = [...panels].map(([name, points]): Panel => {
    const { scale, axis } = magnitudeAxis(points.flatMap(({ lower, median, upper }) => [lower, median, upper]));
    const y = { type: "quantitative", scale, title: lossTitle } as const;
    return {
      title: panelTitle(name, width),
      width,
      height,
      data: { values: withEnds(points, lastStep) },
      encoding: {
        x: stepChannel(lastStep),
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
        {
          transform: [{ filter: "datum.ends" }],
          mark: { type: "point", shape: "cross", angle: 45, size: 70, filled: true, opacity: 1 },
          encoding: { y: { ...y, field: "median" } },
        },
      ],
    };
  });
  return renderSvg(
    panelSpec(
      {
        title: "Learning curves",
        subtitle: [
          "line: median over seeds · band: between the quartiles · cross: half have diverged after it",
          ...(note === undefined ? [] : [note]),
        ],
      },
      specs,
    ),
  );
}

/** The points, those marked after which a schedule has no median though others go on. */
function withEnds(points: readonly BandPoint[], lastStep: number): (BandPoint & { readonly ends: boolean })[] {
  const last = new Map<string, number>();
  for (const { schedule, step, median } of points) if (median !== null) last.set(schedule, step);
  return points.map((point) => ({ ...point, ends: point.step < lastStep && point.step === last.get(point.schedule) }));
}
