import type {
  AgentProgress,
  AttemptReport,
  CurveChunk,
  Episode,
  EpisodeSummary,
  Evaluation,
  PolicyRow,
  StudyStatus,
  TrialCurve,
  TrialResult,
  TrialRow,
} from "@stride/experiment";
import type { WinRate } from "@stride/statistics";
import fc from "fast-check";

/** Any double, infinities and NaN included; -0 becomes 0, which the wire does not tell apart in a single field. */
export const anyDouble = fc.double().map((value) => (value === 0 ? 0 : value));
export const id = fc.stringMatching(/^[A-Za-z0-9._:/-]{1,40}$/);
export const label = fc.stringMatching(/^[a-zé][ a-z0-9=.µ-]{0,40}$/);
export const whole = fc.maxSafeNat();
export const token = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const seconds = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
const metric = fc.option(anyDouble);

const losses = (length: number) => fc.float32Array({ minLength: length, maxLength: length });
const rates = (length: number) => fc.float64Array({ minLength: length, maxLength: length });

/** What a curve of this length has besides, any of it left out; of no length it has nothing. */
const optional = (length: number) => {
  const list = length === 0 ? fc.constant(undefined) : fc.option(losses(length), { nil: undefined });
  return fc
    .record({ seenLosses: list, lowestRates: list, highestRates: list, bounds: list })
    .map((lists) => Object.fromEntries(Object.entries(lists).filter(([, values]) => values !== undefined)));
};

export const chunk: fc.Arbitrary<CurveChunk> = fc
  .integer({ min: 1, max: 40 })
  .chain((length) =>
    fc
      .tuple(
        fc.record({ trialId: id, firstStep: whole, trainingLosses: losses(length), learningRates: rates(length) }),
        optional(length),
      )
      .map(([required, lists]) => ({ ...required, ...lists })),
  );
export const evaluation: fc.Arbitrary<Evaluation> = fc.record({ trialId: id, step: whole, loss: anyDouble });
export const report: fc.Arbitrary<AttemptReport> = fc.record({
  cohortId: id,
  token,
  step: whole,
  chunks: fc.array(chunk),
  evaluations: fc.array(evaluation),
});
export const result: fc.Arbitrary<TrialResult> = fc.record({
  trialId: id,
  outcome: fc.oneof(
    fc.constant({ kind: "completed" as const }),
    fc.record({ kind: fc.constant("diverged" as const), step: whole }),
  ),
  steps: whole,
  finalEvaluationLoss: anyDouble,
  bestEvaluationLoss: anyDouble,
  areaUnderCurve: anyDouble,
  forwardPasses: whole,
  backwardPasses: whole,
  seconds,
});
export const curve: fc.Arbitrary<TrialCurve> = fc.integer({ min: 0, max: 40 }).chain((length) =>
  fc
    .tuple(
      fc.record({
        trialId: id,
        trainingLosses: losses(length),
        learningRates: rates(length),
        evaluations: fc.array(fc.record({ step: whole, loss: anyDouble })),
      }),
      optional(length),
    )
    .map(([required, lists]) => ({ ...required, ...lists })),
);
export const studyStatus: fc.Arbitrary<StudyStatus> = fc.record({
  name: label,
  state: fc.constantFrom("running", "paused", "cancelled"),
  createdAt: fc.date({ min: new Date(0), noInvalidDate: true }),
  trials: fc.record({
    planned: whole,
    running: whole,
    completed: whole,
    diverged: whole,
    failed: whole,
    cancelled: whole,
  }),
  stepsPlanned: whole,
  stepsDone: whole,
  cohorts: whole,
  unfinishedCohorts: whole,
});
export const trialRow: fc.Arbitrary<TrialRow> = fc.record({
  trialId: id,
  cohortId: id,
  task: label,
  optimizer: label,
  noise: label,
  schedule: label,
  learningRate: seconds,
  drawn: fc.boolean(),
  seed: whole,
  split: fc.constantFrom("tuning", "report"),
  outcome: fc.constantFrom("planned", "running", "completed", "diverged", "failed", "cancelled"),
  steps: whole,
  finalEvaluationLoss: metric,
  bestEvaluationLoss: metric,
  areaUnderCurve: metric,
  forwardPasses: whole,
  backwardPasses: whole,
  seconds,
  attempts: whole,
  executor: fc.option(label),
});
const throughJson = (value: Readonly<Record<string, unknown>>) => JSON.parse(JSON.stringify(value)) as typeof value;
const estimate = fc.record({ value: metric, lower: metric, upper: metric });
const verdicts = { wins: whole, ties: whole, losses: whole, undecided: whole };
export const winRate: fc.Arbitrary<WinRate> = fc.record({
  task: label,
  challenger: label,
  baseline: label,
  view: fc.constantFrom("fixed", "tuned"),
  ...verdicts,
  pairs: whole,
  winRate: estimate,
  equalOrBetter: estimate,
  meanLogRatio: estimate,
  conditions: fc.record(verdicts),
  rates: fc.array(
    fc.record(
      {
        ...{ task: label, optimizer: label, noise: label, schedule: label },
        ...{ learningRate: metric, drawn: fc.boolean(), tuningMean: metric },
        parameters: fc.dictionary(label, fc.jsonValue({ noUnicodeString: false })).map(throughJson),
      },
      { requiredKeys: ["task", "optimizer", "noise", "schedule", "learningRate", "drawn", "tuningMean"] },
    ),
  ),
});

const finite = (length: number) =>
  fc.float32Array({ minLength: length, maxLength: length, noNaN: true, noDefaultInfinity: true });

export const episode: fc.Arbitrary<Episode> = fc
  .tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 1, max: 20 }))
  .chain(([decisions, features]) =>
    fc.record({
      index: whole,
      decisions: fc.constant(decisions),
      features: finite(decisions * features),
      actions: finite(decisions),
      logProbabilities: finite(decisions),
      entropies: finite(decisions),
      rewards: finite(decisions),
      diverged: fc.boolean(),
      steps: whole,
      finalEvaluationLoss: anyDouble,
      forwardPasses: whole,
      backwardPasses: whole,
      seconds,
    }),
  );
/** Numbers by name. */
export const statistics = fc.dictionary(label, anyDouble, { noNullPrototype: true });
const summary: fc.Arbitrary<EpisodeSummary> = fc.record({
  episodes: whole,
  meanReturn: anyDouble,
  divergence: seconds,
  entropy: anyDouble,
  steps: whole,
  forwardPasses: whole,
  backwardPasses: whole,
  seconds,
});
export const policyRow: fc.Arbitrary<PolicyRow> = fc.record({
  name: label,
  version: whole,
  parent: fc.option(whole),
  study: label,
  algorithm: label,
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
  createdAt: fc.date({ min: new Date(0), noInvalidDate: true }),
  training: fc.option(summary),
  validation: fc.option(summary),
  statistics,
});
export const agentProgress: fc.Arbitrary<AgentProgress> = fc.record({
  policyName: label,
  iterations: whole,
  iteration: whole,
  done: fc.boolean(),
  episodes: whole,
  best: fc.option(whole),
});
