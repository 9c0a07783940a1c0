import { createHash } from "node:crypto";
import { randomStream } from "@stride/random";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createTask } from "../create-task.js";
import { type TaskSpec, taskCost, taskLabel, taskSpecSchema } from "../spec.js";
import { loadModules, ModuleNotLoaded } from "./load-modules.js";
import { NotATask } from "./task-shape.js";

const hash = (source: string) => createHash("sha256").update(source).digest("hex");
const cost = { parameters: 2, flopsPerStep: 20, bytesPerStep: 40, evaluationFlops: 6 };
const sha256 = "0a".repeat(32);

function specOf(fields: object = {}): TaskSpec {
  return taskSpecSchema.parse({ kind: "module", path: "bowl.mjs", sha256, cost, ...fields });
}

async function taskOf(source: string, fields: object = {}) {
  return createTask(specOf({ sha256: hash(source), ...fields }), await loadModules({ [hash(source)]: source }));
}

/** A bowl of so many dimensions, from its options. */
const bowl = `export default ({ tf, random }, { dimension = 2 }) => ({
  parameters: [{ name: "x", shape: [dimension] }],
  batchSize: 0,
  training: { size: 0, arrays: [] },
  evaluation: { size: 0, arrays: [] },
  init: (stream) => [Float32Array.from(stream.normals(0, dimension))],
  loss: ([x]) => tf.sum(tf.square(x), 1),
  evaluate: ([x]) => tf.sum(tf.abs(x), 1),
});`;

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

describe("a task of a module", () => {
  it("is what its default export returns for its options", async () => {
    const task = await taskOf(bowl, { options: { dimension: 3 } });
    expect(task.parameters).toEqual([{ name: "x", shape: [3] }]);
    const x = tf.tensor2d([1, -2, 2, 0, 0, 3], [2, 3]);
    expect(Array.from(task.loss([x], { arrays: {} }).dataSync())).toEqual([9, 9]);
    expect(Array.from(task.evaluate([x], { arrays: {} }).dataSync())).toEqual([5, 3]);
    const start = (seed: number) => task.init(randomStream({ seed, purpose: "initial-weights" }));
    expect(start(1)).toEqual(start(1));
    expect(start(1)).not.toEqual(start(2));
  });

  it("has images of Stride's data sets and random numbers of its own to work with", async () => {
    const source = `export default async ({ random, data }) => {
      const images = await data.labelledImages({ data: "mnist", split: "training", count: 3 });
      return {
        parameters: [{ name: "x", shape: [] }], batchSize: 2, training: images, evaluation: images,
        init: () => [Float32Array.of(random("start").uniform(0, 0))], loss: () => 0, evaluate: () => 0,
      };
    };`;
    const task = await taskOf(source);
    expect(task.training.arrays.map(({ name, values }) => [name, values.length])).toEqual([
      ["pixels", 3 * 784],
      ["labels", 3 * 10],
    ]);
    const own = randomStream({ seed: 0, purpose: "module start" }).uniform(0, 0);
    expect(task.init(randomStream({ seed: 5, purpose: "initial-weights" }))).toEqual([Float32Array.of(own)]);
  });

  it.each([
    { what: "that is no object", made: "7", says: "the default export must return a task, and returned 7" },
    { what: "without parameters", made: "{}", says: "parameters must be a list of { name, shape }, got nothing" },
    { what: "with a wrong shape", made: "{ parameters: [{ name: 'x', shape: [0] }] }", says: "parameters[0] must be" },
    {
      what: "without a loss",
      made: "{ parameters: [{ name: 'x', shape: [] }], init() {}, evaluate() {} }",
      says: "loss must be a function, got nothing",
    },
    {
      what: "with too few numbers",
      edit: ["size: 0, arrays: []", "size: 3, arrays: [{ name: 'a', shape: [2], values: new Float32Array(5) }]"],
      says: "training.arrays[0].values must have size × 2 = 6 numbers, got 5",
    },
    {
      what: "with plain numbers",
      edit: ["size: 0, arrays: []", "size: 1, arrays: [{ name: 'a', shape: [], values: [1] }]"],
      says: "training.arrays[0].values must be a Float32Array or an Int32Array, got [1]",
    },
    {
      what: "whose batch is larger than its data",
      edit: ["batchSize: 0", "batchSize: 3"],
      says: "batchSize must be from 1 to training.size, which is 0, or both 0, got 3",
    },
  ])("$what is refused", async ({ made, edit, says }) => {
    const source =
      made === undefined ? bowl.replace(edit?.[0] ?? "", edit?.[1] ?? "") : `export default () => (${made});`;
    await expect(taskOf(source)).rejects.toThrow(NotATask);
    await expect(taskOf(source)).rejects.toThrow(says);
  });

  it.each([
    { edit: "[]", says: "init() must return a list of 1 arrays, one a parameter, and returned []" },
    { edit: "[new Float32Array(5)]", says: "a Float32Array of 2 numbers for x, and returned Float32Array of 5" },
    { edit: "[[1, 2]]", says: "a Float32Array of 2 numbers for x, and returned [1, 2]" },
  ])("that starts with $edit is refused", async ({ edit, says }) => {
    const task = await taskOf(bowl.replace(/init: .*/, `init: () => ${edit},`));
    expect(() => task.init(randomStream({ seed: 0, purpose: "initial-weights" }))).toThrow(says);
  });
});

describe("a module's text", () => {
  it.each([
    { what: "a syntax error", source: "export default {;", says: /^is not JavaScript: Unexpected token ';'$/ },
    { what: "no default export", source: "export const task = 1;", says: /^has no default export$/ },
    {
      what: "an error of its own",
      source: "\n\nthrow new TypeError('no');",
      says: /^throws while it is loaded: no$/,
      line: 3,
    },
    {
      what: "an import beside it",
      source: "import './other.mjs'; export default 1",
      says: /^imports ".\/other.mjs": a module must be one file/,
    },
    {
      what: "an import of a package",
      source: "import 'lodash'; export default 1",
      says: /^imports "lodash": a module must be one file/,
    },
  ])("with $what cannot be loaded", async ({ source, says, line }) => {
    const failure: unknown = await loadModules({ [hash(source)]: source }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ModuleNotLoaded);
    expect(failure).toMatchObject({ message: expect.stringMatching(says), line });
    expect(String(failure)).not.toContain("base64");
  });

  it("is run only where it has the hash that it should", async () => {
    await expect(loadModules({ [sha256]: "globalThis.ran = true;" })).rejects.toThrow(`should have ${sha256}`);
    expect(globalThis).not.toHaveProperty("ran");
  });

  it("is loaded once a process, however often it is asked for", async () => {
    const source = "globalThis.loads = (globalThis.loads ?? 0) + 1; export default {};";
    const [first, second] = [
      await loadModules({ [hash(source)]: source }),
      await loadModules({ [hash(source)]: source }),
    ];
    expect(first.get(hash(source))).toBe(second.get(hash(source)));
    expect(globalThis).toHaveProperty("loads", 1);
  });

  it("that was not given is missed", async () => {
    await expect(createTask(specOf())).rejects.toThrow(`the text of bowl.mjs (${sha256}) was not given`);
  });

  it("whose default export is no function makes no task", async () => {
    await expect(taskOf("export default {};")).rejects.toThrow(
      "must be a function ({ tf, random, data }, options) => task",
    );
  });
});

describe("the spec of a module's task", () => {
  it("costs what was counted", () => expect(taskCost(specOf())).toEqual(cost));

  it.each([
    { options: {}, label: "module-bowl-0a0a0a0a" },
    { options: { width: 8, data: "mnist" }, label: "module-bowl-0a0a0a0a-data=mnist-width=8" },
    {
      options: { width: "8", deep: { b: 1, a: [true] } },
      label: 'module-bowl-0a0a0a0a-deep={"a":[true],"b":1}-width="8"',
    },
  ])("with $options is called $label", ({ options, label }) => expect(taskLabel(specOf({ options }))).toBe(label));

  it.each([
    { fields: { path: "bowl.ts" }, wrong: ["path"] },
    { fields: { options: { "a-b": 1 } }, wrong: ["options", "a-b"] },
    { fields: { options: { text: "x".repeat(1_000) } }, wrong: ["options"] },
    { fields: { sha256: "0A" }, wrong: ["sha256"] },
    { fields: { cost: { ...cost, flopsPerStep: -1 } }, wrong: ["cost", "flopsPerStep"] },
  ])("refuses $fields", ({ fields, wrong }) => {
    const parsed = taskSpecSchema.safeParse({ ...specOf(), ...fields });
    expect(parsed.error?.issues.map(({ path }) => path)).toEqual([wrong]);
  });
});
