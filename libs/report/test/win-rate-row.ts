import type { WinRate } from "@stride/statistics";

const none = { value: null, lower: null, upper: null };
const noVerdicts = { wins: 0, ties: 0, losses: 0, undecided: 0 };

/** A comparison with the baseline "constant" on all tasks, at fixed rates, without a decided pair unless said otherwise. */
export function winRateRow(row: Partial<WinRate>): WinRate {
  return {
    ...{ task: "all", challenger: "greedy", baseline: "constant", view: "fixed", ...noVerdicts, pairs: 0 },
    ...{ winRate: none, equalOrBetter: none, meanLogRatio: none, conditions: noVerdicts, rates: [] },
    ...row,
  };
}

export const between = (lower: number, value: number, upper: number) => ({ value, lower, upper });
