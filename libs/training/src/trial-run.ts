import type { Segment } from "@stride/compile";
import type { CurveChunk, Evaluation, Trial, TrialResult } from "@stride/experiment";
import { meanOverSteps } from "./evaluations.js";
import { createRateControl } from "./rate-control.js";

/** What a segment of the cohort brought: trial k of K finds its loss of the i-th step at `losses[i * K + k]`. */
export interface SegmentRecord {
  readonly firstStep: number;
  readonly steps: number;
  readonly losses: Float32Array;
  /** Held-out losses `[K]` after the last step, where that was a time to evaluate. */
  readonly evaluated: Float32Array | undefined;
}

export interface TrialRunOptions {
  readonly trial: Trial;
  /** This trial's place in the cohort, and the cohort's size. */
  readonly slice: number;
  readonly cohortSize: number;
  /** What one evaluation costs in forward passes of a mini-batch; charged to rules that watch evaluations. */
  readonly passesPerEvaluation: number;
  /** Steps a report covers at most. */
  readonly reportSteps: number;
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
  const { trial, slice, cohortSize, reportSteps } = options;
  const control = createRateControl(trial);
  const losses = new Float32Array(reportSteps);
  const rates = new Float64Array(reportSteps);
  const evaluations: Evaluation[] = [];
  let chunkStart = 0;
  let chunkLength = 0;
  let evaluationsTaken = 0;
  let divergence: { readonly step: number; readonly at: "training" | "evaluation" } | undefined;

  function evaluate(step: number, evaluated: Float32Array): void {
    const loss = evaluated[slice] as number;
    evaluations.push({ trialId: trial.trialId, step, loss });
    if (!Number.isFinite(loss)) divergence = { step, at: "evaluation" };
  }

  function train({ firstStep, steps, losses: all }: SegmentRecord): void {
    for (let i = 0; i < steps; i++) {
      const loss = all[i * cohortSize + slice] as number;
      losses[chunkLength] = loss;
      rates[chunkLength] = control.learningRate(firstStep + i);
      chunkLength++;
      if (!Number.isFinite(loss)) {
        divergence = { step: firstStep + i, at: "training" };
        return;
      }
    }
  }

  function observe({ firstStep, steps, losses: all, evaluated }: SegmentRecord): void {
    const latest = evaluations.at(-1);
    const before = evaluated === undefined ? latest : evaluations.at(-2);
    for (let i = 0; i < steps; i++) {
      const step = firstStep + i;
      const evaluation = i === steps - 1 ? latest : before;
      control.observe({
        step,
        trainingLoss: all[i * cohortSize + slice] as number,
        ...(evaluation && { evaluation: { step: evaluation.step, loss: evaluation.loss } }),
      });
      // The segment was trained at the rates of before: a rule that moves in between would have been trained wrongly.
      if (i < steps - 1 && control.learningRate(step + 1) !== rates[chunkLength - steps + i + 1]) {
        throw new Error(`${trial.schedule.kind} moved its rate after step ${step}, between the decisions it declares`);
      }
    }
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
      const chunk: CurveChunk = {
        trialId: trial.trialId,
        firstStep: chunkStart,
        trainingLosses: losses.slice(0, chunkLength),
        learningRates: rates.slice(0, chunkLength),
      };
      const taken = evaluations.slice(evaluationsTaken);
      chunkStart += chunkLength;
      chunkLength = 0;
      evaluationsTaken = evaluations.length;
      return { chunk: chunk.trainingLosses.length === 0 ? undefined : chunk, evaluations: taken };
    },
    result(seconds) {
      const steps = divergence?.step ?? trial.steps;
      const extraPasses = control.watches === "evaluation" ? evaluations.length * options.passesPerEvaluation : 0;
      return {
        trialId: trial.trialId,
        outcome: divergence === undefined ? { kind: "completed" } : { kind: "diverged", step: divergence.step },
        steps,
        ...summarise(divergence === undefined ? evaluations : []),
        // The loss that is not finite took a forward pass of its own, and no backward one would follow.
        forwardPasses: steps + (divergence?.at === "training" ? 1 : 0) + extraPasses,
        backwardPasses: steps,
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
