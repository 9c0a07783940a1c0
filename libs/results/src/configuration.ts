import { canonicalJson, type Trial } from "@stride/experiment";
import { optimizerLabel } from "@stride/optimizers/spec";
import { taskLabel } from "@stride/tasks/spec";

/** A row of `stride.configurations` without its key: the specs are JSON text. */
export interface Configuration {
  readonly task: string;
  readonly optimizer: string;
  readonly schedule: string;
  readonly learningRate: number;
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly taskSpec: string;
  readonly optimizerSpec: string;
  readonly scheduleSpec: string;
}

/** What names a configuration within its study. */
export function configurationId(
  configuration: Pick<Configuration, "task" | "optimizer" | "schedule" | "learningRate">,
): string {
  const { task, optimizer, schedule, learningRate } = configuration;
  return JSON.stringify([task, optimizer, schedule, learningRate]);
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
    steps: trial.steps,
    evaluateEvery: trial.evaluateEvery,
    taskSpec: once(texts, trial.task, canonicalJson),
    optimizerSpec: once(texts, trial.optimizer, canonicalJson),
    scheduleSpec: once(texts, trial.schedule, canonicalJson),
  });
}
