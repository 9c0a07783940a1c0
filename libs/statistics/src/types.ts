/** A number that a trial's result has by itself. */
export type SummaryMetric = "finalEvaluationLoss" | "bestEvaluationLoss" | "areaUnderCurve";

/** Updates, or passes, until an evaluation loss is at most the target (`timeToTarget`). */
export type TargetMetric = "stepsToTarget" | "passesToTarget";

/** Which of a trial's numbers is compared. Lower is better in all of them. */
export type Metric = SummaryMetric | TargetMetric;

export const summaryMetrics: readonly SummaryMetric[] = ["finalEvaluationLoss", "bestEvaluationLoss", "areaUnderCurve"];

export const metrics: readonly Metric[] = [...summaryMetrics, "stepsToTarget", "passesToTarget"];

export function isTargetMetric(metric: Metric): metric is TargetMetric {
  return metric === "stepsToTarget" || metric === "passesToTarget";
}

/** A loss to reach, or "baseline": the baseline's mean final evaluation loss on the tuning seeds at its tuned rate. */
export type Target = number | "baseline";

/**
 * What the statistics read of a trial. `outcome` `completed` has metrics, `diverged` counts as +Infinity whatever the metrics
 * say, any other outcome has no value. A trial is unique in (task, optimizer, noise, schedule, learningRate, seed, split).
 */
export interface TrialOutcomeRow {
  readonly task: string;
  readonly optimizer: string;
  /** "none" when left out. */
  readonly noise?: string;
  readonly schedule: string;
  readonly learningRate: number;
  /** Whether its rate was drawn, with its schedule's parameters: then it takes part in the tuned view alone. False when left out. */
  readonly drawn?: boolean;
  readonly seed: number;
  readonly split: "tuning" | "report";
  readonly outcome: "planned" | "running" | "completed" | "diverged" | "failed" | "cancelled";
  readonly finalEvaluationLoss: number | null;
  readonly bestEvaluationLoss: number | null;
  readonly areaUnderCurve: number | null;
  /** +Infinity when never reached; null, or left out, without a target. */
  readonly stepsToTarget?: number | null;
  readonly passesToTarget?: number | null;
}

/**
 * `fixed`: a condition is (task, optimizer, noise, learning rate), both schedules at that rate (robustness to the rate).
 * `tuned`: a condition is (task, optimizer, noise), each schedule at its own rate, chosen on the tuning seeds (equal budgets).
 * Both are judged on report seeds alone.
 */
export type View = "fixed" | "tuned";

/** Seen from the challenger. `undecided`: one of the two has no value, or (for a condition) the interval does not settle it. */
export type Verdict = "win" | "tie" | "loss" | "undecided";

/** How often each verdict was given. */
export interface VerdictCounts {
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  readonly undecided: number;
}

/**
 * The pairs of one (view, challenger, baseline, task, seed), all conditions together: the unit the bootstrap resamples.
 * `logRatioSum` is the sum over decided pairs of the capped log ratio (`cappedLogRatio`), 0 when there is none.
 */
export interface WinRateCell extends VerdictCounts {
  readonly view: View;
  readonly challenger: string;
  readonly baseline: string;
  readonly task: string;
  readonly seed: number;
  readonly logRatioSum: number;
}

/**
 * The pairs of one (view, challenger, baseline, condition), all report seeds together: what a condition's verdict needs.
 * `learningRate` is null in the tuned view. Mean and sample variance (n − 1) are of the capped log ratios of the decided
 * pairs; null with fewer than one and two of them (as SQL's avg and var_samp give).
 */
export interface ConditionCell {
  readonly view: View;
  readonly challenger: string;
  readonly baseline: string;
  readonly task: string;
  readonly optimizer: string;
  readonly noise: string;
  readonly learningRate: number | null;
  readonly decided: number;
  readonly undecided: number;
  readonly logRatioMean: number | null;
  readonly logRatioVariance: number | null;
}

/**
 * The rate of a schedule under a task, optimizer and noise with the lowest mean metric on the tuning seeds. Null when no rate has a
 * result on every tuning seed. `tuningMean` is that mean; null when there is no rate or a run at it diverged (+Infinity).
 */
export interface TunedRate {
  readonly task: string;
  readonly optimizer: string;
  readonly noise: string;
  readonly schedule: string;
  readonly learningRate: number | null;
  /** Whether that rate was drawn in a random search, and not one of the grid. */
  readonly drawn: boolean;
  readonly tuningMean: number | null;
  /** Of a drawn choice, where a store knows them: the schedule's parameters that the draw set, by their paths. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** Everything `winRatesFromCells` reads: what a store may compute in SQL, equal to `cellsFromRows` of its rows. Order is free. */
export interface WinRateCells {
  readonly cells: readonly WinRateCell[];
  readonly conditions: readonly ConditionCell[];
  readonly tunedRates: readonly TunedRate[];
}

/** A value with its confidence interval; null where it is not defined (never Infinity or NaN, so it survives JSON). */
export interface Estimate {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** One comparison of a challenger with a baseline. */
export interface WinRate extends VerdictCounts {
  /** A task's label, or "all" for the tasks together. */
  readonly task: string;
  readonly challenger: string;
  readonly baseline: string;
  readonly view: View;
  /** wins + ties + losses + undecided; a pair is one condition and one report seed. */
  readonly pairs: number;
  /** (wins + ties / 2) / (wins + ties + losses). */
  readonly winRate: Estimate;
  /** (wins + ties) / (wins + ties + losses). */
  readonly equalOrBetter: Estimate;
  /** Mean of log(challenger / baseline) over decided pairs, each capped to ± log 1000; negative: the challenger is lower. */
  readonly meanLogRatio: Estimate;
  /** Verdicts on conditions, each by the interval of its mean log ratio over seeds. */
  readonly conditions: VerdictCounts;
  /** The two schedules' chosen rates, a task, optimizer and noise each; empty in the fixed view. */
  readonly rates: readonly TunedRate[];
}

/** What the cells depend on. */
export interface CellOptions {
  readonly metric: Metric;
  /** Relative: 0.01 counts a difference within 1 % as a tie. At least 0. */
  readonly margin: number;
  /** Compare every other schedule with this one; left out: every ordered pair of schedules. */
  readonly baseline?: string | undefined;
  /** What the target metrics count up to; no other metric reads it. */
  readonly target?: Target | undefined;
  /** These conditions alone, by the labels of the trials; left out: every one. */
  readonly task?: string | undefined;
  readonly optimizer?: string | undefined;
  readonly noise?: string | undefined;
}

/** What the intervals and the conditions' verdicts depend on besides the cells. */
export interface IntervalOptions {
  /** The margin the cells were made with. */
  readonly margin: number;
  /** Seeds the bootstrap: same seed, same interval. */
  readonly seed: number;
  /** In (0, 1); 0.95 when left out. */
  readonly confidence?: number | undefined;
  /** 2,000 when left out. */
  readonly resamples?: number | undefined;
}

export type WinRateOptions = CellOptions & IntervalOptions;
