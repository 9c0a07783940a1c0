import type { Segment, SegmentResult, Watch } from "@stride/compile";
import type { CurveChunk, Evaluation, TrialResult } from "@stride/experiment";
import type { Scheduler } from "@stride/schedules";
import type { LoadedModules } from "@stride/tasks";
import type { Shadow, TrainedTrial } from "./controls.js";
import { createCurveBuffer } from "./curve-buffer.js";
import { meanOverSteps } from "./evaluations.js";
import { createRateControl, timedControl } from "./rate-control.js";
import { createSeenLoss } from "./seen-loss.js";

/** What a segment of the cohort brought: trial k of K finds its number of the i-th step at `[i * K + k]`. */
export interface SegmentRecord {
  readonly firstStep: number;
  readonly steps: number;
  readonly told: SegmentResult;
  /** Held-out losses `[K]` after the last step, where that was a time to evaluate. */
  readonly evaluated: Float32Array | undefined;
}

export interface TrialRunOptions {
  readonly trial: TrainedTrial;
  readonly modules: LoadedModules;
  /** This trial's place in the cohort, and the cohort's size. */
  readonly slice: number;
  readonly cohortSize: number;
  /** What one evaluation costs in forward passes of a mini-batch; charged to rules that watch evaluations. */
  readonly passesPerEvaluation: number;
  /** Steps a report covers at most. */
  readonly reportSteps: number;
  /** Whose rates are replayed in place of the rule's; left out: the rule decides. */
  readonly shadow?: Shadow | undefined;
  /** Acts in place of the rule; left out: the rule decides. */
  readonly scheduler?: Scheduler | undefined;
  /** What the steps tell. */
  readonly watch?: Watch | undefined;
  /** What was spent before the first step. */
  readonly spent: { readonly forwardPasses: number; readonly backwardPasses: number };
}

/** One trial on its way: its rule, its curve since the last report, and how it stands. */
export interface TrialRun {
  /** Whether it has not diverged. */
  active(): boolean;
  /** The first number of updates after `step` at which its rule wants to decide; +Infinity when there is none. */
  nextDecision(step: number): number;
  /** Writes its slice of the segment's learning rates; 0 once it has diverged. */
  fillRates(segment: Segment): void;
  /** Takes the evaluation `[K]` of the initial parameters. */
  begin(evaluated: Float32Array): void;
  /** Takes what a segment brought, up to the first number that is not finite, and lets the rule see it. */
  record(segment: SegmentRecord): void;
  /** The curve and the evaluations since they were last taken. */
  take(): { readonly chunk: CurveChunk | undefined; readonly evaluations: readonly Evaluation[] };
  result(seconds: number): TrialResult;
}

export function startTrial(options: TrialRunOptions): TrialRun {
  const { trial, slice, cohortSize, reportSteps, shadow, spent } = options;
  const { stability } = options.watch ?? {};
  const control =
    shadow === undefined ? createRateControl(trial, options.modules, options.scheduler) : timedControl(shadow.rateAt);
  const seen = createSeenLoss(trial);
  const minimisesOther = trial.noise?.kind === "labels" || trial.noise?.kind === "inputs";
  const curve = createCurveBuffer({
    trialId: trial.trialId,
    capacity: reportSteps,
    hasSeenLosses: seen !== undefined || minimisesOther,
  });
  const evaluations: Evaluation[] = [];
  let evaluationsTaken = 0;
  let extraPasses = 0;
  let divergence: { readonly step: number; readonly at: "training" | "evaluation" } | undefined;

  function evaluate(step: number, evaluated: Float32Array): void {
    const loss = evaluated[slice] as number;
    evaluations.push({ trialId: trial.trialId, step, loss });
    if (!Number.isFinite(loss)) divergence = { step, at: "evaluation" };
  }

  /** What the rule sees of the i-th step of a segment. */
  function seenLoss({ firstStep, told }: SegmentRecord, i: number): number {
    const at = i * cohortSize + slice;
    const minimised = (told.noisyLosses ?? told.losses)[at] as number;
    return seen === undefined ? minimised : seen(minimised, firstStep + i, "training");
  }

  function train(segment: SegmentRecord): void {
    const { firstStep, steps, told } = segment;
    for (let i = 0; i < steps; i++) {
      const at = i * cohortSize + slice;
      const trainingLoss = told.losses[at] as number;
      const given = control.learningRate(firstStep + i);
      curve.add({
        trainingLoss,
        seenLoss: seenLoss(segment, i),
        ...ratesTaken(told, at, given),
        bound: told.bounds?.[at],
      });
      extraPasses += told.extraPasses?.[at] ?? 0;
      if (!Number.isFinite(trainingLoss) || !Number.isFinite(told.noisyLosses?.[at] ?? 0)) {
        divergence = { step: firstStep + i, at: "training" };
        return;
      }
    }
  }

  /** The rates of a step; one that was given and not held back is told in float32 and recorded as it was given. */
  function ratesTaken({ rates }: SegmentResult, at: number, given: number) {
    const taken = rates?.mean[at];
    if (rates === undefined || (stability?.clip === true && taken === Math.fround(given))) {
      return { learningRate: given, lowestRate: given, highestRate: given };
    }
    return {
      learningRate: taken as number,
      lowestRate: rates.lowest[at] as number,
      highestRate: rates.highest[at] as number,
    };
  }

  /** What the rule may see of a step besides losses: the bound whole, whatever fraction of it the rate is held to. */
  function seenOfStep({ gradientNorms, bounds }: SegmentResult, at: number) {
    return {
      ...(gradientNorms === undefined ? {} : { gradientNorm: gradientNorms[at] as number }),
      ...(bounds === undefined || stability === undefined
        ? {}
        : { bound: (bounds[at] as number) / stability.fraction }),
    };
  }

  function observe(segment: SegmentRecord): void {
    const { firstStep, steps, evaluated, told } = segment;
    const latest = evaluations.at(-1);
    const before = evaluated === undefined ? latest : evaluations.at(-2);
    for (let i = 0; i < steps; i++) {
      const step = firstStep + i;
      const evaluation = i === steps - 1 ? latest : before;
      const rate = control.learningRate(step);
      control.observe({
        step,
        trainingLoss: seenLoss(segment, i),
        ...seenOfStep(told, i * cohortSize + slice),
        ...(evaluation && { evaluation: { step: evaluation.step, loss: seenEvaluation(evaluation) } }),
      });
      // The segment was trained at the rates of before: a rule that moves in between would have been trained wrongly.
      if (i < steps - 1 && control.learningRate(step + 1) !== rate) {
        throw new Error(`${trial.schedule.kind} moved its rate after step ${step}, between the decisions it declares`);
      }
    }
  }

  function seenEvaluation({ step, loss }: Evaluation): number {
    return seen === undefined ? loss : seen(loss, step, "evaluation");
  }

  return {
    active: () => divergence === undefined,
    nextDecision: (step) => (divergence === undefined ? control.nextDecision(step) : Number.POSITIVE_INFINITY),
    fillRates({ firstStep, steps, learningRates }) {
      for (let i = 0; i < steps; i++) {
        learningRates[i * cohortSize + slice] = divergence === undefined ? control.learningRate(firstStep + i) : 0;
      }
    },
    begin: (evaluated) => evaluate(0, evaluated),
    record(segment) {
      if (divergence !== undefined) return;
      train(segment);
      if (divergence !== undefined) return;
      if (segment.evaluated !== undefined) evaluate(segment.firstStep + segment.steps, segment.evaluated);
      if (divergence === undefined && control.watches !== "nothing") observe(segment);
    },
    take() {
      const taken = evaluations.slice(evaluationsTaken);
      evaluationsTaken = evaluations.length;
      return { chunk: curve.take(), evaluations: taken };
    },
    result(seconds) {
      const steps = divergence?.step ?? trial.steps;
      const watching = control.watches === "evaluation" ? evaluations.length * options.passesPerEvaluation : 0;
      return {
        trialId: trial.trialId,
        outcome: divergence === undefined ? { kind: "completed" } : { kind: "diverged", step: divergence.step },
        steps,
        ...summarise(divergence === undefined ? evaluations : []),
        // The loss that is not finite took a forward pass of its own, and no backward one would follow.
        forwardPasses: steps + (divergence?.at === "training" ? 1 : 0) + extraPasses + watching + spent.forwardPasses,
        backwardPasses: steps + spent.backwardPasses,
        seconds,
      };
    },
  };
}

/** The metrics of a curve; +Infinity, the worst, for the empty one of a diverged trial. */
function summarise(curve: readonly Evaluation[]) {
  const last = curve.at(-1);
  const worst = Number.POSITIVE_INFINITY;
  return {
    finalEvaluationLoss: last?.loss ?? worst,
    bestEvaluationLoss: curve.reduce((best, { loss }) => Math.min(best, loss), worst),
    areaUnderCurve: last === undefined ? worst : meanOverSteps(curve),
  };
}
