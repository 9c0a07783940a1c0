/**
 * Colours that colour-blind readers tell apart on white: Okabe & Ito, "Color universal design", 2008, without its yellow (too pale for a
 * line), and the wine of Tol's muted scheme. Black is kept for the baseline.
 */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#882255"] as const;
const dashes = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3],
] as const;
const shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"] as const;

/** How one schedule is drawn, alike in every chart of a study. */
export interface ScheduleMark {
  readonly schedule: string;
  readonly colour: string;
  /** Lengths of line and gap in turn, in pixels. */
  readonly dash: readonly number[];
  readonly shape: string;
}

/** One mark a schedule: by colour first, by dashes once the seven colours are used up. The order of `schedules` decides. */
export function scheduleMarks(schedules: readonly string[], baseline?: string): ScheduleMark[] {
  const others = schedules.filter((schedule) => schedule !== baseline);
  return schedules.map((schedule) => {
    if (schedule === baseline) return { schedule, colour: "#000000", dash: dashes[0], shape: "circle" };
    const place = others.indexOf(schedule);
    return {
      schedule,
      colour: colours[place % colours.length] as string,
      dash: dashes[Math.floor(place / colours.length) % dashes.length] as readonly number[],
      shape: shapes[place % shapes.length] as string,
    };
  });
}

/** The marks as Vega-Lite scales over the schedules' names. */
export function markScales(marks: readonly ScheduleMark[]) {
  const domain = marks.map(({ schedule }) => schedule);
  return {
    colour: { domain, range: marks.map(({ colour }) => colour) },
    dash: { domain, range: marks.map(({ dash }) => [...dash]) },
    shape: { domain, range: marks.map(({ shape }) => shape) },
  };
}

/** The legend above the picture: a line of it holds as many names as fit. */
export function legendOf(marks: readonly ScheduleMark[], symbol: "line" | "point") {
  const longest = Math.max(...marks.map(({ schedule }) => schedule.length));
  const columns = Math.max(1, Math.floor(820 / (40 + 7.5 * longest)));
  const symbols =
    symbol === "line" ? ({ symbolType: "stroke", symbolSize: 400, symbolOpacity: 1 } as const) : { symbolSize: 70 };
  return { orient: "top", title: null, columns, ...symbols } as const;
}
