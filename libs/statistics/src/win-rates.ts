import { cellsFromRows } from "./cells-from-rows.js";
import type { TrialOutcomeRow, WinRate, WinRateOptions } from "./types.js";
import { winRatesFromCells } from "./win-rates-from-cells.js";

/**
 * Which schedule wins, how often, and how sure that is: one row for each challenger and baseline, on each task and on "all", in
 * the fixed and in the tuned view. The order of the rows changes nothing. Same `seed`, same intervals.
 */
export function winRates(rows: readonly TrialOutcomeRow[], options: WinRateOptions): WinRate[] {
  return winRatesFromCells(cellsFromRows(rows, options), options);
}
