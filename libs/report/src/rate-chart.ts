import { curveBands, type SeedCurve, thinned } from "./curve-bands.js";
import { groupBy } from "./group-by.js";
import { magnitudeAxis } from "./magnitude-axis.js";
import { type Panel, panelSize, panelSpec, panelTitle, stepChannel } from "./panels.js";
import { renderSvg } from "./render-svg.js";
import { legendOf, markScales, type ScheduleMark } from "./schedule-marks.js";

export interface RateChartOptions {
  /** The schedules that are drawn, and how. */
  readonly marks: readonly ScheduleMark[];
  readonly note?: string;
}

/** A rate below so small a part of the greatest is drawn at the lower end: the last steps of a decay to 0 would flatten all the rest. */
const deepest = 1e-4;
/** Steps at which a line is drawn, at most: more than there are pixels to tell them apart would only make the file large. */
const drawnPoints = 80;

/**
 * Learning rates over steps, one panel a task: each seed a thin line, the median over seeds a thick one. Logarithmic; about 0 linear
 * where a rate is 0 or negative, as additive hypergradients may make it. A seed that diverged ends, and leaves the median to the others.
 */
export function rateChart(curves: readonly SeedCurve[], { marks, note }: RateChartOptions): Promise<string> {
  const drawn = new Set(marks.map(({ schedule }) => schedule));
  const panels = groupBy(
    curves.filter(({ schedule }) => drawn.has(schedule)),
    ({ panel }) => panel,
  );
  const size = panelSize(panels.size);
  const lastStep = curves.reduce((last, { points }) => Math.max(last, points.at(-1)?.step ?? 0), 0);
  const specs = [...panels].map(([name, seeds]) => ratePanel(name, seeds, { marks, lastStep, ...size }));
  return renderSvg(
    panelSpec(
      {
        title: "Learning rates",
        subtitle: [
          "thick: median over seeds · thin: single seeds",
          "below 1/10,000 of the greatest rate: at the lower end",
          ...(note === undefined ? [] : [note]),
        ],
      },
      specs,
    ),
  );
}

interface RatePanelOptions {
  readonly marks: readonly ScheduleMark[];
  readonly lastStep: number;
  readonly width: number;
  readonly height: number;
}

function ratePanel(
  name: string,
  seeds: readonly SeedCurve[],
  { marks, lastStep, width, height }: RatePanelOptions,
): Panel {
  const bands = curveBands(seeds, { points: drawnPoints, missing: "absent" });
  const medians = [...groupBy(bands, ({ schedule }) => schedule).values()].flatMap((own) =>
    changes(own, ({ median }) => median).map(({ schedule, step, median }) => ({ schedule, step, median })),
  );
  const singles = distinct(seeds).flatMap(({ schedule, seed, points }) =>
    changes(thinned(points, drawnPoints), ({ value }) => value).flatMap(({ step, value }) =>
      value === null || !Number.isFinite(value) ? [] : [{ schedule, seed, step, rate: value }],
    ),
  );
  const lowest = deepest * singles.reduce((greatest, { rate }) => Math.max(greatest, rate), 0);
  const { scale, axis } = magnitudeAxis(singles.map(({ rate }) => (rate > 0 ? Math.max(rate, lowest) : rate)));
  const scales = markScales(marks);
  const legend = legendOf(marks, "line");
  const y = { type: "quantitative", scale, title: "learning rate" } as const;
  return {
    title: panelTitle(name, width),
    width,
    height,
    encoding: {
      x: stepChannel(lastStep),
      color: { field: "schedule", type: "nominal", scale: scales.colour, legend },
    },
    layer: [
      {
        data: { values: singles },
        mark: { type: "line", strokeWidth: 0.8, opacity: 0.35, interpolate: "step-after" },
        encoding: { y: { ...y, field: "rate", axis }, detail: { field: "seed" } },
      },
      {
        data: { values: medians },
        transform: [{ filter: "isValid(datum.median)" }],
        mark: { type: "line", strokeWidth: 2.2, interpolate: "step-after" },
        encoding: {
          y: { ...y, field: "median" },
          strokeDash: { field: "schedule", type: "nominal", scale: scales.dash, legend },
        },
      },
    ],
  };
}

/** One curve of those that coincide, as all seeds of an open-loop schedule do. */
function distinct(seeds: readonly SeedCurve[]): SeedCurve[] {
  const groups = groupBy(seeds, ({ schedule, points }) => JSON.stringify([schedule, points]));
  return [...groups.values()].map(([first]) => first as SeedCurve);
}

/** The points at which a staircase changes, and its ends. */
function changes<Point>(points: readonly Point[], heightOf: (point: Point) => number | null): Point[] {
  return points.filter((point, place) => {
    const before = points[place - 1];
    return before === undefined || place === points.length - 1 || heightOf(before) !== heightOf(point);
  });
}
