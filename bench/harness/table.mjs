const headings = ["benchmark", "what", "value", "baseline", "ratio", "goal", "met"];

/** The entries as one table, each followed by its floor and details. */
export function formatEntries(entries) {
  const rows = entries.map((entry) => [
    entry.benchmark,
    entry.name,
    `${round(entry.value)} ${entry.unit}`,
    entry.baseline === null ? "" : `${round(entry.baseline.value)} (${entry.baseline.name})`,
    entry.ratio === null ? "" : `${round(entry.ratio)} ×`,
    entry.goal ?? "",
    entry.met === null ? "" : entry.met ? "yes" : "NO",
  ]);
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i].length)));
  const line = (cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join("  ")
      .trimEnd();
  const notes = entries.map(({ floor, details }) => [...notesOf("floor", floor), ...notesOf("", details)]);
  return [
    line(headings),
    line(widths.map((width) => "─".repeat(width))),
    ...rows.flatMap((row, i) => [line(row), ...(notes[i] ?? [])]),
  ].join("\n");
}

export function formatMachine({ machine, versions, date, quick, clock }) {
  const pinned = machine.coresUsable < machine.cores ? `, pinned to ${machine.coresUsable}` : "";
  const how = [...(quick ? ["quick"] : []), ...(clock === "processor" ? ["training by processor time"] : [])];
  return [
    `${date}${how.length === 0 ? "" : ` (${how.join(", ")})`}  ${machine.cpu}, ${machine.cores} cores${pinned}, ${machine.system}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ].join("\n");
}

function notesOf(label, notes) {
  const parts = Object.entries(notes).map(
    ([name, value]) => `${name} ${typeof value === "number" ? round(value) : value}`,
  );
  return parts.length === 0 ? [] : [`    ${label === "" ? "" : `${label}: `}${parts.join(" · ")}`];
}

/** Three significant digits, thousands with separators. */
export function round(value) {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}
