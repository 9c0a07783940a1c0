import Table from "cli-table3";

export type Cell = string | number | boolean | null | undefined;
export type Row = Readonly<Record<string, Cell>>;

/** Four significant digits, as tables show numbers; a missing value is a dash. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(4))) : value.toExponential(3);
}

/** `2026-11-28 23:12`, in UTC. */
export function formatMinute(date: Date): string {
  return date.toISOString().slice(0, 16).replace("T", " ");
}

/** A table for people. Columns come from the first row; `headings` renames them. */
export function formatTable(rows: readonly Row[], headings: Readonly<Record<string, string>> = {}): string {
  const first = rows[0];
  if (first === undefined) return "(none)";
  const columns = Object.keys(first);
  const numeric = columns.map((column) => rows.every((row) => typeof row[column] !== "string"));
  const table = new Table({
    head: columns.map((column) => headings[column] ?? column),
    style: { head: [], border: [], compact: true },
    colAligns: numeric.map((right) => (right ? "right" : "left")),
    chars: {
      top: "",
      "top-mid": "",
      "top-left": "",
      "top-right": "",
      bottom: "",
      "bottom-mid": "",
      "bottom-left": "",
      "bottom-right": "",
      left: "",
      "left-mid": "",
      mid: "",
      "mid-mid": "",
      right: "",
      "right-mid": "",
      middle: "  ",
    },
  });
  for (const row of rows) {
    table.push(
      columns.map((column) => {
        const value = row[column];
        return typeof value === "number" || value === null || value === undefined
          ? formatNumber(value as number)
          : String(value);
      }),
    );
  }
  return table.toString();
}

/** One CSV field, quoted when it must be (RFC 4180). Nothing for null. */
export function csvField(value: Cell): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** CSV with a heading line, for rows of one shape. */
export function* csvLines(rows: Iterable<Row>): Generator<string> {
  let columns: string[] | undefined;
  for (const row of rows) {
    if (columns === undefined) {
      columns = Object.keys(row);
      yield columns.map(csvField).join(",");
    }
    yield columns.map((column) => csvField(row[column])).join(",");
  }
}

/** Writes a line to standard output, waiting while the reader is slow; ends quietly when the reader has gone (`| head`). */
export async function writeLine(line: string): Promise<void> {
  if (process.stdout.write(`${line}\n`)) return;
  await new Promise<void>((resolve) => process.stdout.once("drain", resolve));
}
