import type { Optimizer } from "@stride/optimizers";
import type { Task } from "@stride/tasks";
import type { Executor, ExecutorName, ProgramOptions } from "../executor.js";
import { type CompiledStep, compiledProgram, compileStep } from "./compiled-program.js";
import type { SessionSettings } from "./session.js";

export type OnnxExecutorName = Extract<ExecutorName, `onnx-${string}`>;

/** Compiled steps kept for cohorts to come; the one that was used longest ago goes first. */
const mostKept = 32;

interface Kept {
  readonly task: Task;
  readonly optimizer: Optimizer;
  readonly cohortSize: number;
  readonly sharedBatches: boolean;
  readonly step: Promise<CompiledStep>;
  users: number;
}

/** An executor that compiles steps and keeps them for further programs of the same task, optimizer and width. */
export function onnxExecutor(name: OnnxExecutorName, settings: SessionSettings): Executor {
  let kept: Kept[] = [];

  const take = (options: ProgramOptions): Kept => {
    const { task, optimizer, cohortSize, sharedBatches } = options;
    const known = kept.find(
      (entry) =>
        entry.task === task &&
        entry.optimizer === optimizer &&
        entry.cohortSize === cohortSize &&
        entry.sharedBatches === sharedBatches,
    );
    const entry = known ?? {
      task,
      optimizer,
      cohortSize,
      sharedBatches,
      step: compileStep(options, settings),
      users: 0,
    };
    kept = [...kept.filter((other) => other !== entry), entry];
    return entry;
  };
  const release = async (entry: Kept) => (await entry.step)[Symbol.asyncDispose]();
  const shrink = async () => {
    const idle = kept.filter(({ users }) => users === 0).slice(0, Math.max(0, kept.length - mostKept));
    kept = kept.filter((entry) => !idle.includes(entry));
    await Promise.all(idle.map(release));
  };

  return {
    name,
    async program(options) {
      const entry = take(options);
      entry.users++;
      try {
        const program = compiledProgram(await entry.step, options);
        let disposed = false;
        return {
          ...program,
          async [Symbol.asyncDispose]() {
            if (disposed) return;
            disposed = true;
            await program[Symbol.asyncDispose]();
            entry.users--;
            await shrink();
          },
        };
      } catch (error) {
        kept = kept.filter((other) => other !== entry);
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      const entries = kept;
      kept = [];
      await Promise.all(entries.map(release));
    },
  };
}
