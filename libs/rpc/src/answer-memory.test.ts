import { describe, expect, it } from "vitest";
import { answerMemory } from "./answer-memory.js";

/** Counts its runs and answers with the count. */
function counter(): () => Promise<number> {
  let runs = 0;
  return async () => {
    runs += 1;
    return runs;
  };
}

describe("answerMemory", () => {
  it("answers a repeated key with the first answer", async () => {
    const memory = answerMemory<number>({ capacity: 10, keepMs: 1_000, now: () => 0 });
    const run = counter();
    expect(await memory.once("a", run)).toBe(1);
    expect(await memory.once("a", run)).toBe(1);
    expect(await memory.once("b", run)).toBe(2);
  });

  it("lets a repetition share the call that still runs", async () => {
    const memory = answerMemory<number>({ capacity: 10, keepMs: 1_000, now: () => 0 });
    const run = counter();
    expect(await Promise.all([memory.once("a", run), memory.once("a", run)])).toEqual([1, 1]);
  });

  it("runs again what failed", async () => {
    const memory = answerMemory<number>({ capacity: 10, keepMs: 1_000, now: () => 0 });
    await expect(memory.once("a", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    expect(await memory.once("a", counter())).toBe(1);
  });

  it("forgets after the time it keeps answers", async () => {
    let time = 0;
    const memory = answerMemory<number>({ capacity: 10, keepMs: 1_000, now: () => time });
    const run = counter();
    await memory.once("a", run);
    time = 999;
    expect(await memory.once("a", run)).toBe(1);
    time = 1_000;
    expect(await memory.once("a", run)).toBe(2);
  });

  it("forgets the oldest beyond its capacity, and only that", async () => {
    const memory = answerMemory<number>({ capacity: 2, keepMs: 1_000, now: () => 0 });
    const run = counter();
    for (const key of ["a", "b", "c"]) await memory.once(key, run);
    expect(await memory.once("b", run)).toBe(2);
    expect(await memory.once("c", run)).toBe(3);
    expect(await memory.once("a", run)).toBe(4);
  });
});
