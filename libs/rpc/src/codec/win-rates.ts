import type {
  Estimate,
  Metric,
  Target,
  TunedRate,
  VerdictCounts,
  View,
  WinRate,
  WinRateOptions,
} from "@stride/statistics";
import * as wire from "../gen/stride/v1/laboratory.js";
import { count, enumCodec, jsonObject, nonEmpty, present } from "./fields.js";

/** What is left out is taken from the study's sweep, or is the statistics' default. */
export type WinRateQuestion = Partial<WinRateOptions>;

const metrics = enumCodec<Metric, wire.Metric>({
  finalEvaluationLoss: wire.Metric.FINAL_EVALUATION_LOSS,
  bestEvaluationLoss: wire.Metric.BEST_EVALUATION_LOSS,
  areaUnderCurve: wire.Metric.AREA_UNDER_CURVE,
  stepsToTarget: wire.Metric.STEPS_TO_TARGET,
  passesToTarget: wire.Metric.PASSES_TO_TARGET,
});
const views = enumCodec<View, wire.View>({ fixed: wire.View.FIXED, tuned: wire.View.TUNED });

export function encodeWinRateQuestion(study: string, question: WinRateQuestion): wire.ListWinRatesRequest {
  const { metric, margin, baseline, seed, confidence, resamples, task, optimizer, noise, target } = question;
  return {
    study,
    metric: metric === undefined ? wire.Metric.UNSPECIFIED : metrics.encode(metric),
    margin,
    baseline,
    seed,
    confidence,
    resamples,
    task,
    optimizer,
    noise,
    target: target === undefined ? undefined : encodeTarget(target),
  };
}

type WireTarget = NonNullable<wire.ListWinRatesRequest["target"]>;

function encodeTarget(target: Target): WireTarget {
  return target === "baseline" ? { $case: "baselineTarget", value: {} } : { $case: "targetLoss", value: target };
}

function decodeTarget(target: WireTarget): Target {
  return target.$case === "baselineTarget" ? "baseline" : target.value;
}

export function decodeWinRateQuestion(message: wire.ListWinRatesRequest): {
  readonly study: string;
  readonly question: WinRateQuestion;
} {
  const { metric, margin, baseline, seed, confidence, resamples, task, optimizer, noise, target } = message;
  return {
    study: nonEmpty("study", message.study),
    question: {
      ...(metric === wire.Metric.UNSPECIFIED ? {} : { metric: metrics.decode("metric", metric) }),
      ...(margin === undefined ? {} : { margin }),
      ...(baseline === undefined ? {} : { baseline }),
      ...(seed === undefined ? {} : { seed }),
      ...(confidence === undefined ? {} : { confidence }),
      ...(resamples === undefined ? {} : { resamples }),
      ...(task === undefined ? {} : { task }),
      ...(optimizer === undefined ? {} : { optimizer }),
      ...(noise === undefined ? {} : { noise }),
      ...(target === undefined ? {} : { target: decodeTarget(target) }),
    },
  };
}

export function encodeWinRate(row: WinRate): wire.WinRate {
  const { task, challenger, baseline, pairs } = row;
  return {
    task,
    challenger,
    baseline,
    view: views.encode(row.view),
    verdicts: encodeCounts(row),
    pairs,
    winRate: encodeEstimate(row.winRate),
    equalOrBetter: encodeEstimate(row.equalOrBetter),
    meanLogRatio: encodeEstimate(row.meanLogRatio),
    conditions: encodeCounts(row.conditions),
    rates: row.rates.map(encodeTunedRate),
  };
}

export function decodeWinRate(field: string, row: wire.WinRate): WinRate {
  return {
    task: nonEmpty(`${field}.task`, row.task),
    challenger: nonEmpty(`${field}.challenger`, row.challenger),
    baseline: nonEmpty(`${field}.baseline`, row.baseline),
    view: views.decode(`${field}.view`, row.view),
    ...decodeCounts(`${field}.verdicts`, row.verdicts),
    pairs: count(`${field}.pairs`, row.pairs),
    winRate: decodeEstimate(`${field}.win_rate`, row.winRate),
    equalOrBetter: decodeEstimate(`${field}.equal_or_better`, row.equalOrBetter),
    meanLogRatio: decodeEstimate(`${field}.mean_log_ratio`, row.meanLogRatio),
    conditions: decodeCounts(`${field}.conditions`, row.conditions),
    rates: row.rates.map((rate, index) => decodeTunedRate(`${field}.rates[${index}]`, rate)),
  };
}

function encodeCounts({ wins, ties, losses, undecided }: VerdictCounts): wire.VerdictCounts {
  return { wins, ties, losses, undecided };
}

function decodeCounts(field: string, message: wire.VerdictCounts | undefined): VerdictCounts {
  const { wins, ties, losses, undecided } = present(field, message);
  return {
    wins: count(`${field}.wins`, wins),
    ties: count(`${field}.ties`, ties),
    losses: count(`${field}.losses`, losses),
    undecided: count(`${field}.undecided`, undecided),
  };
}

function encodeEstimate({ value, lower, upper }: Estimate): wire.Estimate {
  return { value: value ?? undefined, lower: lower ?? undefined, upper: upper ?? undefined };
}

function decodeEstimate(field: string, message: wire.Estimate | undefined): Estimate {
  const { value, lower, upper } = present(field, message);
  return { value: value ?? null, lower: lower ?? null, upper: upper ?? null };
}

function encodeTunedRate(rate: TunedRate): wire.TunedRate {
  const { task, optimizer, noise, schedule, learningRate, drawn, tuningMean, parameters } = rate;
  return {
    ...{ task, optimizer, noise, schedule, drawn },
    learningRate: learningRate ?? undefined,
    tuningMean: tuningMean ?? undefined,
    parametersJson: parameters === undefined ? undefined : JSON.stringify(parameters),
  };
}

export function decodeTunedRate(field: string, message: wire.TunedRate): TunedRate {
  return {
    task: nonEmpty(`${field}.task`, message.task),
    optimizer: nonEmpty(`${field}.optimizer`, message.optimizer),
    noise: nonEmpty(`${field}.noise`, message.noise),
    schedule: nonEmpty(`${field}.schedule`, message.schedule),
    learningRate: message.learningRate ?? null,
    drawn: message.drawn,
    tuningMean: message.tuningMean ?? null,
    ...(message.parametersJson === undefined
      ? {}
      : { parameters: jsonObject(`${field}.parameters_json`, message.parametersJson) }),
  };
}
