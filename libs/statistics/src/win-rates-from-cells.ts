import { randomStream } from "@stride/random";
import { conditionVerdict } from "./condition-verdict.js";
import { scopeEstimates } from "./scope-estimates.js";
import { type Scope, scopes } from "./scopes.js";
import { twoSidedCriticalValues } from "./student-t.js";
import type { IntervalOptions, TunedRate, Verdict, VerdictCounts, WinRate, WinRateCells } from "./types.js";

/**
 * Win rates with intervals, for each comparison in the cells on each task and on "all". The order of the cells changes nothing.
 * Same `seed`, same intervals.
 */
export function winRatesFromCells(cells: WinRateCells, options: IntervalOptions): WinRate[] {
  const { margin, seed, confidence = 0.95, resamples = 2000 } = options;
  if (!(margin >= 0)) throw new RangeError(`margin must be at least 0, got ${margin}`);
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`confidence must lie in (0, 1), got ${confidence}`);
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(`resamples must be a positive integer, got ${resamples}`);
  }
  const criticalValue = twoSidedCriticalValues(confidence);
  const stream = randomStream({ seed, purpose: "bootstrap" });
  const rows = scopes(cells);
  const rates = [...cells.tunedRates].sort(byName);
  const estimates = scopeEstimates(rows, { confidence, resamples, stream, criticalValue });
  return rows.map((scope, i) => {
    const { task, challenger, baseline, view } = scope;
    const counts = total(scope.cells.flat());
    const verdicts = scope.conditions.map((condition) => conditionVerdict(condition, { margin, criticalValue }));
    return {
      task,
      challenger,
      baseline,
      view,
      ...counts,
      pairs: counts.wins + counts.ties + counts.losses + counts.undecided,
      ...(estimates[i] as (typeof estimates)[number]),
      conditions: tally(verdicts),
      rates: view === "tuned" ? ratesOf(scope, rates) : [],
    };
  });
}

function total(counts: readonly VerdictCounts[]): VerdictCounts {
  const sum = (key: keyof VerdictCounts) => counts.reduce((running, count) => running + count[key], 0);
  return { wins: sum("wins"), ties: sum("ties"), losses: sum("losses"), undecided: sum("undecided") };
}

function tally(verdicts: readonly Verdict[]): VerdictCounts {
  const count = (wanted: Verdict) => verdicts.filter((verdict) => verdict === wanted).length;
  return { wins: count("win"), ties: count("tie"), losses: count("loss"), undecided: count("undecided") };
}

function ratesOf({ task, challenger, baseline }: Scope, rates: readonly TunedRate[]): TunedRate[] {
  return rates.filter(
    (rate) => (task === "all" || rate.task === task) && (rate.schedule === challenger || rate.schedule === baseline),
  );
}

/** By code unit, and so the same in every locale. */
function byName(left: TunedRate, right: TunedRate): number {
  for (const key of ["task", "optimizer", "noise", "schedule"] as const) {
    if (left[key] !== right[key]) return left[key] < right[key] ? -1 : 1;
  }
  return 0;
}
