import { describe, expect, it } from "vitest";
import { importsOf, violation } from "./boundaries.mjs";

describe("importsOf", () => {
  it("finds static, type, dynamic imports and re-exports, and leaves comments alone", () => {
    const source = `import { a } from "one";
import type { B } from "two";
export { c } from "three"; // from "not-this"
/* import x from "nor-this" */
const d = await import("four");
import "five";`;
    expect(importsOf(source)).toEqual(["one", "two", "three", "four", "five"]);
  });
});

describe("violation", () => {
  it.each([
    ["apps/coordinator", "src/a.ts", "@tensorflow/tfjs-core"],
    ["apps/coordinator", "src/a.ts", "@stride/tasks"],
    ["apps/coordinator", "src/a.ts", "@stride/training"],
    ["apps/worker", "src/a.ts", "pg"],
    ["apps/worker", "src/a.ts", "@stride/results"],
    ["libs/queue", "src/a.ts", "@stride/rpc"],
    ["libs/results", "src/a.ts", "@stride/queue"],
    ["libs/random", "src/a.ts", "@stride/schedules"],
    ["libs/schedules", "src/a.ts", "node:fs"],
    ["libs/experiment", "src/a.ts", "@stride/tasks"],
    ["libs/experiment", "src/a.ts", "../../tasks/src/../../libs/tasks/src/index.js"],
    ["libs/new-one", "src/a.ts", "zod"],
  ])("refuses %s/%s importing %s", (folder, file, specifier) => {
    expect(violation(folder, file, specifier)).toBeTypeOf("string");
  });

  it.each([
    ["apps/coordinator", "src/a.ts", "@stride/tasks/spec"],
    ["libs/experiment", "src/a.ts", "@stride/schedules/spec"],
    ["libs/training", "src/a.ts", "@stride/compile"],
    ["libs/queue", "src/queue.test.ts", "@stride/embedded-postgres/testing"],
    ["libs/compile", "src/a.ts", "node:fs"],
  ])("allows %s/%s importing %s", (folder, file, specifier) => {
    expect(violation(folder, file, specifier)).toBeUndefined();
  });
});
