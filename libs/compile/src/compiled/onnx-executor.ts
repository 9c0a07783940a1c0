import type { Executor, ExecutorName, ProgramOptions } from "../executor.js";
import { type Compiled, compile, compiledProgram } from "./compiled-program.js";
import type { SessionSettings } from "./session.js";

export type OnnxExecutorName = Extract<ExecutorName, `onnx-${string}`>;

/** Compiled programs kept for cohorts to come. The one that was asked for longest ago goes first. */
const mostKept = 32;

interface Kept {
  readonly options: ProgramOptions;
  readonly compiled: Promise<Compiled>;
  users: number;
}

/**
 * An executor that compiles. What it compiled it keeps, by the identity of task and optimizer and the width, so that a second
 * cohort of the same kind starts at once.
 */
export function onnxExecutor(name: OnnxExecutorName, settings: SessionSettings): Executor {
  let kept: Kept[] = [];

  const take = (options: ProgramOptions): Kept => {
    const found = kept.find((entry) => sameProgram(entry.options, options));
    const entry = found ?? { options, compiled: compile(options, settings), users: 0 };
    entry.users++;
    kept = [...kept.filter((other) => other !== entry), entry];
    return entry;
  };
  const giveBack = async (entry: Kept) => {
    entry.users--;
    const idle = kept.filter(({ users }) => users === 0).slice(0, Math.max(0, kept.length - mostKept));
    kept = kept.filter((other) => !idle.includes(other));
    await release(idle);
  };

  return {
    name,
    async program(options) {
      const entry = take(options);
      try {
        const program = compiledProgram(await entry.compiled, options);
        let open = true;
        return {
          ...program,
          async [Symbol.asyncDispose]() {
            if (!open) return;
            open = false;
            await program[Symbol.asyncDispose]();
            await giveBack(entry);
          },
        };
      } catch (error) {
        kept = kept.filter((other) => other !== entry);
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      const all = kept;
      kept = [];
      await release(all);
    },
  };
}

function sameProgram(a: ProgramOptions, b: ProgramOptions): boolean {
  return (
    a.task === b.task &&
    a.optimizer === b.optimizer &&
    a.cohortSize === b.cohortSize &&
    a.sharedBatches === b.sharedBatches
  );
}

async function release(entries: readonly Kept[]): Promise<void> {
  for (const { compiled } of entries) await (await compiled)[Symbol.asyncDispose]();
}
