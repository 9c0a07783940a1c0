import { canonicalJson, noiseLabel, type Trial } from "@stride/experiment";
import { optimizerLabel } from "@stride/optimizers/spec";
import { taskLabel } from "@stride/tasks/spec";

/** A row of `stride.configurations` without its key: the specs are JSON text. */
export interface Configuration {
  readonly task: string;
  readonly optimizer: string;
  readonly schedule: string;
  readonly learningRate: number;
  readonly noise: string;
  readonly drawn: boolean;
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly taskSpec: string;
  readonly optimizerSpec: string;
  readonly scheduleSpec: string;
  /** Null without a noise. */
  readonly noiseSpec: string | null;
  /** Null where the task's stability bound is not asked for. */
  readonly stabilitySpec: string | null;
}

/** What names a configuration within its study. */
export function configurationId(
  configuration: Pick<Configuration, "task" | "optimizer" | "noise" | "schedule"> & {
    readonly learningRate: number | null;
  },
): string {
  const { task, optimizer, noise, schedule, learningRate } = configuration;
  return JSON.stringify([task, optimizer, noise, schedule, learningRate]);
}

/** Turns trials into configurations; a spec that many trials share is labelled and written once. */
export function configurationReader(): (trial: Trial) => Configuration {
  const labels = new Map<object, string>();
  const texts = new Map<object, string>();
  const once = <Spec extends object>(memory: Map<object, string>, spec: Spec, make: (spec: Spec) => string) => {
    const made = memory.get(spec) ?? make(spec);
    memory.set(spec, made);
    return made;
  };
  return (trial) => ({
    task: once(labels, trial.task, taskLabel),
    optimizer: once(labels, trial.optimizer, optimizerLabel),
    schedule: trial.scheduleName,
    learningRate: trial.learningRate,
    noise: trial.noise === undefined ? "none" : once(labels, trial.noise, noiseLabel),
    drawn: trial.drawn ?? false,
    steps: trial.steps,
    evaluateEvery: trial.evaluateEvery,
    taskSpec: once(texts, trial.task, canonicalJson),
    optimizerSpec: once(texts, trial.optimizer, canonicalJson),
    scheduleSpec: once(texts, trial.schedule, canonicalJson),
    noiseSpec: trial.noise === undefined ? null : once(texts, trial.noise, canonicalJson),
    stabilitySpec: trial.stability === undefined ? null : once(texts, trial.stability, canonicalJson),
  });
}
