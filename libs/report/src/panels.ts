import type { TopLevelSpec } from "vega-lite";

type ConcatSpec = Extract<TopLevelSpec, { concat: unknown }>;
export type Panel = ConcatSpec["concat"][number];

/** Width and height of a panel in pixels: two stand side by side in 900. */
export function panelSize(panels: number): { readonly width: number; readonly height: number } {
  return panels === 1 ? { width: 740, height: 320 } : { width: 350, height: 230 };
}

export interface ChartText {
  readonly title: string;
  /** What the marks mean, a line each. */
  readonly subtitle?: readonly string[];
}

/** Panels two by two under one title, with scales and axes of their own and one legend. */
export function panelSpec({ title, subtitle = [] }: ChartText, panels: readonly Panel[]) {
  return {
    title: { text: title, subtitle: [...subtitle] },
    concat: [...panels],
    columns: 2,
    spacing: { row: 26, column: 26 },
    resolve: { scale: { x: "independent", y: "independent" } },
  } satisfies TopLevelSpec;
}

/** The horizontal axis over steps, as long in every panel: a course that ends before `lastStep` is seen to. */
export function stepChannel(lastStep: number) {
  const domain: [number, number] = [0, Math.max(lastStep, 1)];
  const axis = { grid: false, tickCount: 6, tickMinStep: 1 } as const;
  return { field: "step", type: "quantitative", title: "step", axis, scale: { domain, nice: false } } as const;
}

/** A panel's heading; a name too long for its width is broken after a hyphen. */
export function panelTitle(text: string, width: number) {
  return {
    text: lines(text, Math.floor(width / letterWidth)),
    anchor: "start",
    fontSize: 12,
    fontWeight: "bold",
    offset: 6,
  } as const;
}

/** Of a bold letter of 12 px, in pixels, about. */
const letterWidth = 7.6;

function lines(text: string, letters: number): string[] {
  const found: string[] = [];
  for (const part of text.split(/(?<=[-\s])/)) {
    const last = found.at(-1);
    if (last !== undefined && last.length + part.length <= letters) found[found.length - 1] = last + part;
    else found.push(part);
  }
  return found;
}
