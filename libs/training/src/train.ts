import type { Executor, Watch } from "@stride/compile";
import type { Cohort, TrainingReport, Trial } from "@stride/experiment";
import { randomStream } from "@stride/random";
import type { Scheduler } from "@stride/schedules";
import type { Task } from "@stride/tasks";
import { asTrained, shadowCohort, shadowsOf, type TrainedTrial } from "./controls.js";
import { createExtraInputs, perturbationOf } from "./extra-inputs.js";
import { readFirstBounds } from "./first-bounds.js";
import { materials } from "./materials.js";
import { loadNamed } from "./named-modules.js";
import { createPace } from "./pace.js";
import { createSegmentBuffer } from "./segments.js";
import { startTrial, type TrialRun } from "./trial-run.js";
import { watchOf } from "./watch-of.js";

export interface TrainOptions {
  /** Its trials share task, optimizer, gradient rule, noise, stability, steps and evaluateEvery; at least one. */
  readonly cohort: Cohort;
  readonly executor: Executor;
  /** Once aborted, training ends after the segment at hand, without results. */
  readonly signal?: AbortSignal | undefined;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  /** What acts in place of a trial's own rule, at the times that its spec decides; undefined leaves the rule. `base` is the rate it begins with. */
  readonly scheduler?: (trial: Trial, slice: number, base: number) => Scheduler | undefined;
  /** What rules are told of each step, besides what their specs ask for; a bound that the trials are held to goes before one asked for here. */
  readonly watch?: Watch;
}

/**
 * Trains a cohort and tells how it fares: curves and evaluations as they come, results with the last report.
 *
 * Trials of one seed share initial parameters and the order of the data, whatever their rules. The held-out loss is taken
 * before the first step, after every `evaluateEvery` steps and after the last one. A trial whose loss is not finite ends there as
 * diverged, the rest goes on; when none is left the cohort ends early. A step is charged as one forward and one backward pass, and one
 * more forward pass for each rate that its rule tried, as is the step at which a rate that is a multiple of the first bound reads that; an evaluation as ⌈held-out size / batch size⌉ forward passes, to the trials
 * whose rule watches evaluations. The same cohort on the same executor gives equal reports, to the bit, except for seconds.
 * A replay first trains its shadows, which costs as much again and is charged. Noise and draws are functions of seed, step and row: trials of one seed are under the same.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainingReport> {
  const { cohort, executor, signal, now = () => performance.now() } = options;
  const beganAt = now();
  const shadow = shadowCohort(cohort);
  const shadowReports: TrainingReport[] = [];
  if (shadow !== undefined) {
    for await (const report of train({ ...options, cohort: shadow })) {
      shadowReports.push(report);
      yield { step: 0, chunks: [], evaluations: [] };
    }
    if (signal?.aborted) return;
  }
  const shadows = shadowsOf(shadowReports);
  const trials = cohort.trials.map(asTrained);
  const first = trials[0];
  if (first === undefined) throw new RangeError(`cohort ${cohort.cohortId} has no trials`);
  const cohortSize = trials.length;
  const modules = await loadNamed(cohort);
  const { task, optimizer } = await materials(first, modules);
  const { noise } = first;
  const sharedBatches = new Set(trials.map(({ seed }) => seed)).size === 1;
  const seeds = trials.slice(0, sharedBatches ? 1 : cohortSize).map(({ seed }) => seed);
  const watch = watchOf(trials, options.watch);
  const programOptions = {
    task,
    optimizer,
    cohortSize,
    sharedBatches,
    perturbation: perturbationOf(noise),
    ...(watch === undefined ? {} : { watch }),
  };
  const extra = createExtraInputs({ program: programOptions, noise, seeds });
  const pace = createPace(first, { cohortSize, numbersPerStep: extra.numbersPerStep });
  const segmentOf = createSegmentBuffer({ task, seeds, cohortSize, longest: pace.longestSegment });

  await using program = await executor.program(programOptions);
  const parameters = initialParameters(task, trials);
  program.load(parameters);
  const opening = first.stability?.start === true ? segmentOf(0, 1) : undefined;
  const start = opening && (await readFirstBounds(program, { ...opening, inputs: extra.fill(opening) }, trials));
  if (start !== undefined) program.load(parameters);
  const runs = trials.map((planned, slice) => {
    const shadow = shadows.get(planned.trialId);
    const trial = start === undefined ? planned : startedAt(planned, start.bounds[slice] as number);
    return startTrial({
      trial,
      modules,
      slice,
      cohortSize,
      passesPerEvaluation: task.batchSize === 0 ? 1 : Math.ceil(task.evaluation.size / task.batchSize),
      reportSteps: pace.reportSteps,
      shadow,
      scheduler: options.scheduler?.(trial, slice, trial.learningRate),
      watch,
      spent: shadow ?? { forwardPasses: start?.forwardPasses(slice) ?? 0, backwardPasses: start?.backwardPasses ?? 0 },
    });
  });
  const running = (step: number) => step < first.steps && runs.some((run) => run.active());

  const initial = await program.evaluate();
  for (const run of runs) run.begin(initial);

  let step = 0;
  while (running(step)) {
    if (signal?.aborted) return;
    const end = Math.min(pace.nextPause(step), ...runs.map((run) => run.nextDecision(step)));
    const segment = segmentOf(step, end - step);
    for (const run of runs) run.fillRates(segment);
    const told = await program.run({ ...segment, inputs: extra.fill(segment) });
    const evaluated = pace.isEvaluation(end) ? await program.evaluate() : undefined;
    for (const run of runs) run.record({ firstStep: step, steps: end - step, told, evaluated });
    step = end;
    if (running(step) && pace.isReport(step)) yield takeReport(step, runs);
  }
  const seconds = (now() - beganAt) / 1000 / cohortSize;
  yield { ...takeReport(step, runs), results: runs.map((run) => run.result(seconds)) };
}

/** The trial whose rates are multiples of a bound, in rates. */
function startedAt(trial: TrainedTrial, bound: number): TrainedTrial {
  return { ...trial, learningRate: trial.learningRate * bound };
}

/** `[trial][parameter]`; trials of one seed share their arrays. */
function initialParameters(task: Task, trials: readonly Trial[]): Float32Array[][] {
  const bySeed = new Map<number, Float32Array[]>();
  return trials.map(({ seed }) => {
    const parameters = bySeed.get(seed) ?? task.init(randomStream({ seed, purpose: "initial-weights" }));
    bySeed.set(seed, parameters);
    return parameters;
  });
}

function takeReport(step: number, runs: readonly TrialRun[]): TrainingReport {
  const taken = runs.map((run) => run.take());
  return {
    step,
    chunks: taken.flatMap(({ chunk }) => (chunk === undefined ? [] : [chunk])),
    evaluations: taken.flatMap(({ evaluations }) => evaluations),
  };
}
