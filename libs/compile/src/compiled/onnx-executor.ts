import type { Executor, ExecutorName, ProgramOptions } from "../executor.js";
import { watchKey } from "../watch.js";
import { type Compiled, compile, compiledProgram } from "./compiled-program.js";
import type { SessionSettings } from "./session.js";

export type OnnxExecutorName = Extract<ExecutorName, `onnx-${string}`>;

/**
 * Compiled programs kept for cohorts to come. The one that was asked for longest ago goes first. On a device each holds on to the
 * memory that it once needed. CUDA's programs compile soon, and a worker that counts on what one cohort takes must not find more there;
 * WebGPU's shaders take seconds.
 */
const mostKept = { cpu: 32, webgpu: 8, cuda: 1 } as const;

interface Kept {
  readonly options: ProgramOptions;
  readonly compiled: Promise<Compiled>;
  users: number;
}

/**
 * An executor that compiles. What it compiled it keeps, by the identity of task and optimizer, the width, the noise and what is watched, so
 * that a second cohort of the same kind starts at once.
 */
export function onnxExecutor(name: OnnxExecutorName, settings: SessionSettings): Executor {
  let kept: Kept[] = [];
  let disposed = false;

  const requireOpen = () => {
    if (disposed) throw new Error(`this ${name} executor is disposed`);
  };
  const most = mostKept[settings.provider];
  /** Takes out idle programs, the oldest first, until there are no more than `count` or none is idle. */
  const dropIdle = (count: number): Promise<void> => {
    const idle = kept.filter(({ users }) => users === 0).slice(0, Math.max(0, kept.length - count));
    kept = kept.filter((other) => !idle.includes(other));
    return release(idle);
  };
  const take = (options: ProgramOptions): Kept => {
    const found = kept.find((entry) => sameProgram(entry.options, options));
    // Room is made first: the device may not hold both.
    const compiled = () => dropIdle(most - 1).then(() => compile(options, settings));
    const entry = found ?? { options, compiled: compiled(), users: 0 };
    entry.users++;
    kept = [...kept.filter((other) => other !== entry), entry];
    return entry;
  };
  const giveBack = async (entry: Kept) => {
    entry.users--;
    await dropIdle(most);
  };

  return {
    name,
    async program(options) {
      requireOpen();
      const entry = take(options);
      const compiled = await entry.compiled.catch((error: unknown) => {
        // Not kept: the next one may succeed.
        kept = kept.filter((other) => other !== entry);
        throw error;
      });
      requireOpen();
      try {
        const program = compiledProgram(compiled, options);
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
        await giveBack(entry);
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
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
    a.sharedBatches === b.sharedBatches &&
    a.perturbation?.labels === b.perturbation?.labels &&
    a.perturbation?.inputs === b.perturbation?.inputs &&
    a.perturbation?.gradients === b.perturbation?.gradients &&
    watchKey(a.watch) === watchKey(b.watch)
  );
}

async function release(entries: readonly Kept[]): Promise<void> {
  for (const settled of await Promise.allSettled(entries.map(({ compiled }) => compiled))) {
    if (settled.status === "fulfilled") await settled.value[Symbol.asyncDispose]();
  }
}
