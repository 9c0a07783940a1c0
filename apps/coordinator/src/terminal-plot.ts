const blocks = " ▁▂▃▄▅▆▇█";

export interface PlotOptions {
  readonly width?: number;
  readonly height?: number;
}

/** A line of values as a plot of block characters, with the least and the greatest value beside it. */
export function plotLine(values: readonly number[], { width = 64, height = 8 }: PlotOptions = {}): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return "(nothing to plot)";
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of finite) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const span = high === low ? 1 : high - low;
  const columns = Math.min(width, values.length);
  const heights = Array.from({ length: columns }, (_, column) => {
    const value = values[Math.floor((column * values.length) / columns)] ?? Number.NaN;
    // At least one eighth, so that the least value still shows.
    return Number.isFinite(value) ? Math.max(1, Math.round(((value - low) / span) * height * 8)) : 0;
  });
  const label = (row: number): string => {
    if (row === height - 1) return high.toPrecision(3);
    return row === 0 ? low.toPrecision(3) : "";
  };
  const labelWidth = Math.max(high.toPrecision(3).length, low.toPrecision(3).length);
  const rows: string[] = [];
  for (let row = height - 1; row >= 0; row -= 1) {
    const line = heights.map((eighths) => blocks[Math.max(0, Math.min(8, eighths - row * 8))] ?? " ").join("");
    rows.push(`${label(row).padStart(labelWidth)} │${line.trimEnd()}`);
  }
  return rows.join("\n");
}
