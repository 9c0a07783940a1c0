import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TaskSpec, taskCost, taskKinds, taskLabel, taskSpecSchema } from "./spec.js";

it.each([
  {
    given: { kind: "nmf", data: "mnist", rank: 16, batch: 64 },
    parsed: { kind: "nmf", data: "mnist", rank: 16, batch: 64, rows: 1024, evaluationRows: 256 },
    label: "nmf-mnist-16",
  },
  {
    given: { kind: "mlp", data: "mnist", hidden: [128], batch: 128 },
    parsed: { kind: "mlp", data: "mnist", hidden: [128], batch: 128, trainingSize: 20_000, evaluationSize: 2_000 },
    label: "mlp-mnist-128",
  },
  {
    given: { kind: "mlp", data: "mnist", hidden: [], trainingSize: 60_000 },
    parsed: { kind: "mlp", data: "mnist", hidden: [], batch: 128, trainingSize: 60_000, evaluationSize: 2_000 },
    label: "mlp-mnist-linear-train60000",
  },
  {
    given: { kind: "nmf", data: "synthetic", rank: 4, noise: 0.5, rows: 200 },
    parsed: {
      kind: "nmf",
      data: "synthetic",
      rank: 4,
      batch: 64,
      rows: 200,
      evaluationRows: 256,
      columns: 256,
      trueRank: 8,
      noise: 0.5,
    },
    label: "nmf-synthetic-4-rows200-noise0.5",
  },
  {
    given: { kind: "nmf", data: "synthetic", conditionNumber: 30, matrix: 4 },
    parsed: {
      kind: "nmf",
      data: "synthetic",
      rank: 16,
      batch: 64,
      rows: 1024,
      evaluationRows: 256,
      columns: 256,
      trueRank: 8,
      noise: 0.01,
      conditionNumber: 30,
      matrix: 4,
    },
    label: "nmf-synthetic-16-cond30-matrix4",
  },
  {
    given: { kind: "nmf", data: "photographs", side: 8 },
    parsed: { kind: "nmf", data: "photographs", rank: 16, batch: 64, rows: 1024, evaluationRows: 256, side: 8 },
    label: "nmf-photographs-16-side8",
  },
  {
    given: { kind: "nmf", data: "word-counts", rank: 10 },
    parsed: { kind: "nmf", data: "word-counts", rank: 10, batch: 64, rows: 1024, evaluationRows: 256, words: 1000 },
    label: "nmf-word-counts-10",
  },
  {
    given: { kind: "quadratic" },
    parsed: { kind: "quadratic", dimension: 20, conditionNumber: 100 },
    label: "quadratic-20",
  },
  {
    given: { kind: "logistic", data: "synthetic", conditionNumber: 1e4, penalty: 0 },
    parsed: {
      kind: "logistic",
      data: "synthetic",
      penalty: 0,
      batch: 128,
      trainingSize: 4096,
      evaluationSize: 1024,
      dimension: 20,
      conditionNumber: 1e4,
    },
    label: "logistic-synthetic-20-cond10000-penalty0",
  },
  {
    given: { kind: "logistic", data: "fashion-mnist" },
    parsed: {
      kind: "logistic",
      data: "fashion-mnist",
      penalty: 1e-4,
      batch: 128,
      trainingSize: 20_000,
      evaluationSize: 2_000,
    },
    label: "logistic-fashion-mnist",
  },
  {
    given: { kind: "autoencoder", data: "mnist" },
    parsed: {
      kind: "autoencoder",
      data: "mnist",
      hidden: [256, 32, 256],
      batch: 128,
      trainingSize: 20_000,
      evaluationSize: 2_000,
    },
    label: "autoencoder-mnist-256-32-256",
  },
  { given: { kind: "rosenbrock" }, parsed: { kind: "rosenbrock", dimension: 2 }, label: "rosenbrock-2" },
  { given: { kind: "rastrigin" }, parsed: { kind: "rastrigin", dimension: 10 }, label: "rastrigin-10" },
  { given: { kind: "ackley" }, parsed: { kind: "ackley", dimension: 10 }, label: "ackley-10" },
])("fills in $label", ({ given, parsed, label }) => {
  const spec = taskSpecSchema.parse(given);
  expect(spec).toEqual(parsed);
  expect(taskLabel(spec)).toBe(label);
});

it.each([
  { what: "an unknown kind", given: { kind: "rnn" }, path: ["kind"] },
  { what: "unknown data", given: { kind: "nmf", data: "faces" }, path: ["data"] },
  { what: "a missing width", given: { kind: "mlp", data: "mnist" }, path: ["hidden"] },
  { what: "a width of 0", given: { kind: "mlp", data: "mnist", hidden: [0] }, path: ["hidden", 0] },
  { what: "an absurd size", given: { kind: "quadratic", dimension: 1e9 }, path: ["dimension"] },
  { what: "a valley in one dimension", given: { kind: "rosenbrock", dimension: 1 }, path: ["dimension"] },
  { what: "a half", given: { kind: "quadratic", dimension: 2.5 }, path: ["dimension"] },
  { what: "an infinite condition", given: { kind: "quadratic", conditionNumber: Infinity }, path: ["conditionNumber"] },
  { what: "a condition below 1", given: { kind: "quadratic", conditionNumber: 0.5 }, path: ["conditionNumber"] },
  { what: "more digits than there are", given: { kind: "nmf", data: "mnist", rows: 70_000 }, path: ["rows"] },
  { what: "a batch above the rows", given: { kind: "nmf", data: "mnist", rows: 32 }, path: ["batch"] },
  {
    what: "a matrix that fills the memory",
    given: { kind: "nmf", data: "synthetic", rows: 1_000_000, columns: 1000 },
    path: ["rows"],
  },
  {
    what: "an autoencoder without a code",
    given: { kind: "autoencoder", data: "mnist", hidden: [] },
    path: ["hidden"],
  },
  {
    what: "examples that fill the memory",
    given: { kind: "logistic", data: "synthetic", trainingSize: 1_000_000, dimension: 100 },
    path: ["trainingSize"],
  },
  { what: "more e-mails than there are", given: { kind: "nmf", data: "word-counts", rows: 4838 }, path: ["rows"] },
  {
    what: "a patch wider than what is held out",
    given: { kind: "nmf", data: "photographs", side: 65 },
    path: ["side"],
  },
  { what: "an option of other data", given: { kind: "nmf", data: "mnist", noise: 0.1 }, path: [] },
  { what: "an unknown option", given: { kind: "quadratic", condition: 10 }, path: [] },
])("refuses $what", ({ given, path }) => {
  expect(taskSpecSchema.safeParse(given).error?.issues.map((issue) => issue.path)).toEqual([path]);
});

const specs: fc.Arbitrary<TaskSpec> = fc
  .oneof(
    fc.record({
      kind: fc.constant("quadratic"),
      dimension: fc.integer({ min: 1, max: 9 }),
      conditionNumber: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({
      kind: fc.constantFrom("rosenbrock", "rastrigin", "ackley"),
      dimension: fc.integer({ min: 2, max: 9 }),
    }),
    fc.record(
      {
        kind: fc.constant("nmf"),
        data: fc.constant("synthetic"),
        rank: fc.integer({ min: 1, max: 12 }),
        batch: fc.integer({ min: 1, max: 12 }),
        rows: fc.integer({ min: 12, max: 20 }),
        noise: fc.double({ min: 0, max: 10, noNaN: true }),
      },
      { requiredKeys: ["kind", "data"] },
    ),
    fc.record(
      {
        kind: fc.constant("logistic"),
        data: fc.constant("synthetic"),
        dimension: fc.integer({ min: 1, max: 9 }),
        conditionNumber: fc.integer({ min: 1, max: 9 }),
        penalty: fc.double({ min: 0, max: 10, noNaN: true }),
        batch: fc.integer({ min: 1, max: 20 }),
      },
      { requiredKeys: ["kind", "data"] },
    ),
    fc.record(
      {
        kind: fc.constantFrom("mlp", "autoencoder"),
        data: fc.constantFrom("mnist", "fashion-mnist"),
        hidden: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 }),
        batch: fc.integer({ min: 1, max: 20 }),
        trainingSize: fc.integer({ min: 20, max: 30 }),
      },
      { requiredKeys: ["kind", "data", "hidden"] },
    ),
  )
  .map((given) => taskSpecSchema.safeParse(given).data)
  .filter((spec) => spec !== undefined);

it("gives distinct specs distinct labels", () => {
  fc.assert(
    fc.property(specs, specs, (a, b) => {
      expect(taskLabel(a) === taskLabel(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

it("parses what it has parsed to the same", () => {
  fc.assert(
    fc.property(specs, (spec) => {
      expect(taskSpecSchema.parse(spec)).toEqual(spec);
    }),
  );
});

it("lists every kind with its options", () => {
  expect(taskKinds.map(({ kind, parameters }) => [kind, parameters.map(({ name }) => name).join(" ")])).toEqual([
    ["quadratic", "dimension conditionNumber"],
    ["rosenbrock", "dimension"],
    ["rastrigin", "dimension"],
    ["ackley", "dimension"],
    ["nmf", "data rank batch rows evaluationRows columns trueRank noise conditionNumber matrix words side"],
    ["logistic", "data penalty batch trainingSize evaluationSize dimension conditionNumber"],
    ["mlp", "data hidden batch trainingSize evaluationSize"],
    ["cnn", "data channels kernel groups pooling normalisation dropout batch trainingSize evaluationSize"],
    ["autoencoder", "data hidden batch trainingSize evaluationSize"],
    ["text-classifier", "data words embedding hidden length batch trainingSize evaluationSize"],
    ["transformer", "data width heads blocks context activation dropout batch trainingSize evaluationSize"],
    ["module", "path options"],
  ]);
  for (const { parameters } of taskKinds) for (const each of parameters) expect(each.description).not.toBe("");
  const mlp = taskKinds.find(({ kind }) => kind === "mlp");
  expect(mlp?.parameters.map((each) => each.default)).toEqual([undefined, undefined, 128, 20_000, 2_000]);
});

describe("taskCost", () => {
  const cost = (given: unknown) => taskCost(taskSpecSchema.parse(given));

  it("counts the products of a network: 2 · batch · (3 · all weights − the first layer's), and little else", () => {
    const { parameters, flopsPerStep } = cost({ kind: "mlp", data: "mnist", hidden: [256], batch: 128 });
    expect(parameters).toBe(784 * 256 + 256 + 256 * 10 + 10);
    const products = 2 * 128 * (2 * 784 * 256 + 3 * 256 * 10);
    expect(flopsPerStep / products).toBeGreaterThan(1);
    expect(flopsPerStep / products).toBeLessThan(1.02);
  });

  it("counts the three products of a factorisation", () => {
    const { parameters, flopsPerStep } = cost({ kind: "nmf", data: "mnist", rank: 16, batch: 64 });
    expect(parameters).toBe(16 * (1024 + 784));
    expect(flopsPerStep).toBeGreaterThan(3 * 2 * 64 * 16 * 784);
    expect(flopsPerStep).toBeLessThan(1.1 * 3 * 2 * 64 * 16 * 784);
  });

  it("grows with the problem", () => {
    const small = cost({ kind: "quadratic", dimension: 10 });
    const large = cost({ kind: "quadratic", dimension: 1000 });
    for (const key of ["parameters", "flopsPerStep", "bytesPerStep", "evaluationFlops"] as const) {
      expect(large[key]).toBe(100 * small[key]);
    }
  });
});
