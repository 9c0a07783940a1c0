import type { Task } from "@stride/tasks";
import { describe, expect, it } from "vitest";
import { fixtureOptimizers, fixtureTasks } from "../../test/fixtures.js";
import type { Executor, Program, ProgramOptions } from "../executor.js";
import { UntraceableError } from "../untraceable-error.js";
import { onnxExecutor } from "./onnx-executor.js";

const open = (): Executor => onnxExecutor("onnx-cpu", { provider: "cpu", threads: 1 });

/** A task that counts how often its losses were asked for, which a compiled program does while it compiles alone. */
function counted(overrides: Partial<Task> = {}): Task & { readonly calls: { loss: number; evaluate: number } } {
  const task = fixtureTasks.quadratic;
  const calls = { loss: 0, evaluate: 0 };
  return {
    ...task,
    calls,
    loss: (...given) => {
      calls.loss++;
      return task.loss(...given);
    },
    evaluate: (...given) => {
      calls.evaluate++;
      return task.evaluate(...given);
    },
    ...overrides,
  };
}

const { sgd, adam } = fixtureOptimizers;
const options = (task: Task, rest: Partial<ProgramOptions> = {}): ProgramOptions => ({
  task,
  optimizer: sgd,
  cohortSize: 1,
  sharedBatches: true,
  ...rest,
});

/** One step from x = (1, 1, 1) at the rate ½: f = ½ (1 + 2 + 4). */
async function firstLoss(program: Program): Promise<number> {
  program.load([[Float32Array.of(1, 1, 1)]]);
  const segment = { steps: 1, firstStep: 0, indices: new Int32Array(), learningRates: Float32Array.of(0.5) };
  return (await program.run(segment)).losses[0] as number;
}

async function useOnce(executor: Executor, of: ProgramOptions): Promise<void> {
  await using program = await executor.program(of);
  expect(await firstLoss(program)).toBe(3.5);
}

describe("what an executor has compiled", () => {
  it("is used again for the same task, optimizer and width", async () => {
    await using executor = open();
    const task = counted();
    await useOnce(executor, options(task));
    const { loss } = task.calls;
    expect(loss).toBeGreaterThan(0);
    await useOnce(executor, options(task));
    expect(task.calls.loss).toBe(loss);
  });

  it.each<[string, Partial<ProgramOptions>]>([
    ["optimizer", { optimizer: adam }],
    ["width", { cohortSize: 2 }],
    ["sharing of batches", { sharedBatches: false }],
  ])("is not used for another %s", async (_, other) => {
    await using executor = open();
    const task = counted();
    await useOnce(executor, options(task));
    const { loss } = task.calls;
    await using _program = await executor.program(options(task, other));
    expect(task.calls.loss).toBeGreaterThan(loss);
  });

  it("is compiled once for programs that are asked for at the same time", async () => {
    await using executor = open();
    const [alone, together] = [counted(), counted()];
    await useOnce(executor, options(alone));
    await Promise.all([1, 2, 3].map(() => useOnce(executor, options(together))));
    expect(together.calls).toEqual(alone.calls);
  });

  it("evaluates and differentiates without compiling again", async () => {
    await using executor = open();
    const task = counted();
    const measure = async () => {
      await using program = await executor.program(options(task));
      program.load([[Float32Array.of(1, 1, 1)]]);
      const { losses, gradients } = await program.gradients(new Int32Array());
      return {
        evaluated: [...(await program.evaluate())],
        losses: [...losses],
        gradient: [...(gradients[0]?.[0] ?? [])],
      };
    };
    expect(await measure()).toEqual({ evaluated: [3.5], losses: [3.5], gradient: [1, 2, 4] });
    const calls = { ...task.calls };
    await measure();
    expect(task.calls).toEqual(calls);
  });

  it("is let go beyond 32, the one asked for longest ago first", async () => {
    await using executor = open();
    const tasks = Array.from({ length: 33 }, () => counted());
    const [first, second, third] = tasks as [Counted, Counted, Counted];
    for (const task of tasks.slice(0, 32)) await useOnce(executor, options(task));
    await useOnce(executor, options(first));
    await useOnce(executor, options(tasks[32] as Task));
    const traced = first.calls.loss;
    for (const task of [first, third, second]) await useOnce(executor, options(task));
    expect([first, third, second].map(({ calls }) => calls.loss / traced)).toEqual([1, 1, 2]);
  });

  it("stays as long as a program uses it, however many there are", async () => {
    await using executor = open();
    const programs: Program[] = [];
    for (let i = 0; i < 34; i++) programs.push(await executor.program(options(counted())));
    await (programs.pop() as Program)[Symbol.asyncDispose]();
    for (const program of programs) expect(await firstLoss(program)).toBe(3.5);
    for (const program of programs) await program[Symbol.asyncDispose]();
  });
});

type Counted = ReturnType<typeof counted>;

describe("an executor", () => {
  it("can be used again after a task could not be compiled, with the same task too", async () => {
    await using executor = open();
    let healed = false;
    const task: Task = {
      ...fixtureTasks.quadratic,
      loss: (parameters, batch) => {
        if (!healed) parameters[0]?.dataSync();
        return fixtureTasks.quadratic.loss(parameters, batch);
      },
    };
    await expect(executor.program(options(task))).rejects.toThrow(UntraceableError);
    await useOnce(executor, options(counted()));
    healed = true;
    await useOnce(executor, options(task));
  });

  it("can evaluate again after it could not", async () => {
    await using executor = open();
    let healed = false;
    const task = counted({
      evaluate: (parameters, batch) => {
        if (!healed) parameters[0]?.dataSync();
        return fixtureTasks.quadratic.evaluate(parameters, batch);
      },
    });
    await using program = await executor.program(options(task));
    program.load([[Float32Array.of(1, 1, 1)]]);
    await expect(program.evaluate()).rejects.toThrow(UntraceableError);
    healed = true;
    expect([...(await program.evaluate())]).toEqual([3.5]);
  });

  it("refuses a data set whose rows are not all there", async () => {
    await using executor = open();
    const short = { size: 3, arrays: [{ name: "x", shape: [2], values: new Float32Array(5) }] };
    for (const part of ["training", "evaluation"] as const) {
      const task = counted({ [part]: short, batchSize: 1 });
      await expect(executor.program(options(task))).rejects.toThrow("array x does not have 3 rows");
    }
  });

  it("makes no programs once it is disposed, nor finishes one that was being compiled", async () => {
    const executor = open();
    const pending = executor.program(options(counted()));
    const refused = expect(pending).rejects.toThrow("this onnx-cpu executor is disposed");
    await executor[Symbol.asyncDispose]();
    await refused;
    await expect(executor.program(options(counted()))).rejects.toThrow("is disposed");
  });

  it("releases everything when it is disposed, also beside a compilation that fails", async () => {
    const executor = open();
    const program = await executor.program(options(counted()));
    const failing = counted({ loss: () => Number.NaN as never });
    const refused = expect(executor.program(options(failing))).rejects.toThrow();
    await executor[Symbol.asyncDispose]();
    await refused;
    await expect(firstLoss(program)).rejects.toThrow("disposed");
    await program[Symbol.asyncDispose]();
    await executor[Symbol.asyncDispose]();
  });

  it("lets a program be disposed twice", async () => {
    await using executor = open();
    const program = await executor.program(options(counted()));
    await program[Symbol.asyncDispose]();
    await program[Symbol.asyncDispose]();
    await useOnce(executor, options(counted()));
    await expect(program.evaluate()).rejects.toThrow("load() parameters");
  });
});
