import { describe, expect, it } from "vitest";
import { entryViolations, importsOf, violation } from "./boundaries.mjs";

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
    ["apps/coordinator", "src/a.ts", "@stride/compile"],
    ["apps/coordinator", "src/a.ts", "@stride/agents"],
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
    ["apps/coordinator", "src/a.ts", "@stride/compile/onnx"],
    ["apps/coordinator", "src/a.ts", "@stride/agents/distill"],
    ["libs/experiment", "src/a.ts", "@stride/schedules/spec"],
    ["libs/training", "src/a.ts", "@stride/compile"],
    ["libs/queue", "src/queue.test.ts", "@stride/embedded-postgres/testing"],
    ["libs/compile", "src/a.ts", "node:fs"],
  ])("allows %s/%s importing %s", (folder, file, specifier) => {
    expect(violation(folder, file, specifier)).toBeUndefined();
  });
});

describe("entryViolations", () => {
  const files = {
    "onnx.ts": 'export { a } from "./a.js";',
    "a.ts":
      'import type { Task } from "@stride/tasks";\nimport { b } from "./b.js";\nimport "@bufbuild/protobuf/wire";',
    "b.ts": 'import { add } from "@tensorflow/tfjs-core";',
  };
  const found = (name) =>
    entryViolations({
      folder: "libs/compile",
      name,
      entry: "onnx.ts",
      read: (file) => files[file],
      resolve: (_, specifier) => specifier.slice(2).replace(/js$/, "ts"),
    }).map(({ file, specifier }) => [file, specifier]);

  it("follows relative imports, and leaves types and what the entry may have", () => {
    expect(found("onnx")).toEqual([["b.ts", "@tensorflow/tfjs-core"]]);
    expect(found("spec")).toContainEqual(["a.ts", "@bufbuild/protobuf/wire"]);
  });
});
