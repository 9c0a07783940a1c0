import { quartiles } from "./curve-bands.js";
import { groupBy } from "./group-by.js";
import { magnitudeAxis } from "./magnitude-axis.js";
import { type Panel, panelSize, panelSpec, panelTitle } from "./panels.js";
import type { RateSensitivityPoint } from "./rate-sensitivity.js";
import { renderSvg } from "./render-svg.js";
import { legendOf, markScales, type ScheduleMark } from "./schedule-marks.js";

export interface RateSensitivityOptions {
  /** The schedules that are drawn, and how. */
  readonly marks: readonly ScheduleMark[];
  readonly lossTitle?: string;
  readonly note?: string;
}

/** A loss more than so many times the panel's median is drawn at the upper end: it is as good as diverged, and would flatten the rest. */
const farAbove = 1e6;
/** Height in pixels of a schedule's line in the strip of the diverged. */
const stripStep = 11;

/**
 * Final loss against the base learning rate, log-log, one panel a task and one line a schedule: how much each forgives a rate that
 * nobody tuned. Where trials diverged, a strip above the panel says how many of how many, a row a schedule.
 */
export function rateSensitivityChart(
  points: readonly RateSensitivityPoint[],
  { marks, lossTitle = "final loss", note }: RateSensitivityOptions,
): Promise<string> {
  const drawn = new Set(marks.map(({ schedule }) => schedule));
  const panels = groupBy(
    points.filter(({ schedule }) => drawn.has(schedule)),
    ({ panel }) => panel,
  );
  const size = panelSize(panels.size);
  const isCut = [...panels.values()].map(mediansOf).some((medians) => Math.max(...medians) > upperEnd(medians));
  const specs = [...panels].map(([name, own]) => sensitivityPanel(name, own, { marks, lossTitle, ...size }));
  return renderSvg(
    panelSpec(
      {
        title: "Final loss by base learning rate",
        subtitle: [
          "line: median over seeds · crosses above: trials that diverged, of how many",
          ...(isCut ? ["losses above a million times the panel's median: at its upper end"] : []),
          ...(note === undefined ? [] : [note]),
        ],
      },
      specs,
    ),
  );
}

function mediansOf(points: readonly RateSensitivityPoint[]): number[] {
  return points.map(({ median }) => median).filter((median) => median !== null);
}

function upperEnd(medians: readonly number[]): number {
  const [, middle] = quartiles(medians);
  return middle > 0 ? middle * farAbove : Number.POSITIVE_INFINITY;
}

interface PanelOptions {
  readonly marks: readonly ScheduleMark[];
  readonly lossTitle: string;
  readonly width: number;
  readonly height: number;
}

function sensitivityPanel(
  name: string,
  points: readonly RateSensitivityPoint[],
  { marks, lossTitle, width, height }: PanelOptions,
): Panel {
  const medians = mediansOf(points);
  const top = upperEnd(medians);
  const rates = magnitudeAxis(points.map(({ learningRate }) => learningRate));
  const losses = magnitudeAxis(medians.map((median) => Math.min(median, top)));
  const scales = markScales(marks);
  const struck = marks.filter(({ schedule }) =>
    points.some((point) => point.schedule === schedule && point.diverged > 0),
  );
  const strip = struck.length * stripStep;
  const place = new Map(struck.map(({ schedule }, row) => [schedule, row * stripStep + stripStep / 2]));
  const values = points.map((point) => ({
    ...point,
    strip: place.get(point.schedule) ?? 0,
    share: `${point.diverged}/${point.trials}`,
  }));
  const x = { field: "learningRate", type: "quantitative", scale: { ...rates.scale, padding: 14 } } as const;
  const legend = legendOf(marks, "point");
  const color = { field: "schedule", type: "nominal", scale: scales.colour, legend } as const;
  const y = { field: "strip", type: "quantitative", scale: null, axis: null } as const;
  const main: Panel = {
    width,
    height,
    data: { values },
    transform: [{ filter: "isValid(datum.median)" }],
    encoding: {
      x: { ...x, title: "base learning rate", axis: { ...rates.axis, grid: false } },
      y: {
        field: "median",
        type: "quantitative",
        scale: { ...losses.scale, padding: 8 },
        title: lossTitle,
        axis: losses.axis,
      },
      color,
    },
    layer: [
      {
        mark: { type: "line", strokeWidth: 2 },
        encoding: { strokeDash: { field: "schedule", type: "nominal", scale: scales.dash, legend } },
      },
      {
        mark: { type: "point", filled: true, size: 45, opacity: 1 },
        encoding: { shape: { field: "schedule", type: "nominal", scale: scales.shape, legend } },
      },
    ],
  };
  const title = panelTitle(name, width);
  if (strip === 0) return { ...main, title };
  return {
    title,
    spacing: 4,
    resolve: { scale: { x: "independent", y: "independent" } },
    vconcat: [
      {
        width,
        height: strip,
        data: { values },
        transform: [{ filter: "datum.diverged > 0" }],
        encoding: { x: { ...x, axis: null }, y, color },
        layer: [
          { mark: { type: "point", shape: "cross", angle: 45, size: 40, filled: true, opacity: 1, xOffset: -9 } },
          { mark: { type: "text", align: "left", fontSize: 10, dx: -2 }, encoding: { text: { field: "share" } } },
        ],
      },
      main,
    ],
  };
}
