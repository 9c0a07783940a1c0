import { taskCost, taskSpecSchema } from "@stride/tasks/spec";
import { expect, it } from "vitest";
import { checkTaskModule } from "./check-task-module.js";
import { ModuleRefused } from "./module-refused.js";

/** Least squares with a bias that starts at zero, with anything of it replaced. */
function regression(replaced: Readonly<Record<string, string>> = {}): string {
  const parts = {
    first: "",
    parameters: '[{ name: "weights", shape: [3] }, { name: "bias", shape: [] }]',
    batchSize: "4",
    init: "(stream) => [Float32Array.from(stream.normals(0, 3)), new Float32Array(1)]",
    residuals:
      "tf.sub(tf.add(tf.sum(tf.mul(tf.reshape(w, [-1, 1, 3]), arrays.x), 2), tf.reshape(b, [-1, 1])), arrays.y)",
    loss: "(p, batch) => tf.mean(tf.square(residuals(p, batch)), 1)",
    evaluate: "(p, batch) => tf.mean(tf.abs(residuals(p, batch)), 1)",
    others: "",
    ...replaced,
  };
  return `${parts.first}
export default ({ tf, random }, options) => {
  const x = Float32Array.from(random("x").normals(0, 60));
  const y = Float32Array.from(random("y").normals(0, 20));
  const data = { size: 20, arrays: [{ name: "x", shape: [3], values: x }, { name: "y", shape: [], values: y }] };
  const residuals = ([w, b], { arrays }) => ${parts.residuals};
  return {
    parameters: ${parts.parameters},
    batchSize: ${parts.batchSize},
    training: data,
    evaluation: data,
    init: ${parts.init},
    loss: ${parts.loss},
    evaluate: ${parts.evaluate},
    ${parts.others}
  };
};
`;
}

const check = (source: string, options = {}) => checkTaskModule({ spec: { path: "regression.mjs", options }, source });

it("gives what a task costs that can be trained", async () => {
  const cost = await check(regression());
  expect(cost.parameters).toBe(4);
  // Forward 4 · (3 products, 3 sums, bias, residual, square, mean), backward about twice that, 4 updates of 2.
  expect(cost.flopsPerStep).toBeGreaterThan(60);
  expect(cost.flopsPerStep).toBeLessThan(240);
  // 20 rows instead of 4.
  expect(cost.evaluationFlops).toBeGreaterThan(150);
});

it("counts a network as the built-in one of the same shapes declares itself, within a factor of two", async () => {
  const hidden = 32;
  const source = `export default async ({ tf, data }, { hidden }) => {
    const [training, evaluation] = await Promise.all([
      data.labelledImages({ data: "mnist", split: "training", count: 200 }),
      data.labelledImages({ data: "mnist", split: "test", count: 100 }),
    ]);
    const loss = ([w, b, v, c], { arrays }) => {
      const units = tf.relu(tf.add(tf.matMul(arrays.pixels, w), b));
      const logits = tf.add(tf.matMul(units, v), c);
      return tf.neg(tf.mean(tf.sum(tf.mul(arrays.labels, tf.logSoftmax(logits)), 2), 1));
    };
    const normals = (random, layer, rows, columns) =>
      Float32Array.from(random.normals(layer, rows * columns), (x) => x * Math.sqrt(2 / rows));
    return {
      parameters: [
        { name: "w", shape: [784, hidden] }, { name: "b", shape: [1, hidden] },
        { name: "v", shape: [hidden, 10] }, { name: "c", shape: [1, 10] },
      ],
      batchSize: 32, training, evaluation,
      init: (random) => [normals(random, 0, 784, hidden), new Float32Array(hidden), normals(random, 1, hidden, 10), new Float32Array(10)],
      loss, evaluate: loss,
    };
  };`;
  const counted = await check(source, { hidden });
  const spec = { kind: "mlp", data: "mnist", hidden: [hidden], batch: 32, trainingSize: 200, evaluationSize: 100 };
  const declared = taskCost(taskSpecSchema.parse(spec));
  expect(counted.parameters).toBe(declared.parameters);
  for (const name of ["flopsPerStep", "bytesPerStep", "evaluationFlops"] as const) {
    expect(counted[name] / declared[name]).toBeGreaterThan(0.5);
    expect(counted[name] / declared[name]).toBeLessThan(2);
  }
});

it("checks a task that draws, and one that projects", async () => {
  const dropout = regression({
    loss: "(p, batch) => tf.mean(tf.square(tf.mul(tf.greater(batch.arrays.keep, 0.5).toFloat(), residuals(p, batch))), 1)",
    others: 'draws: [{ name: "keep", shape: [4], distribution: "uniform" }],',
  });
  await expect(check(dropout)).resolves.toMatchObject({ parameters: 4 });
  await expect(check(regression({ others: "project: (p) => p.map((q) => tf.relu(q))," }))).resolves.toBeDefined();
});

it.each([
  { what: "text is no JavaScript", source: "export default (", says: /^is not JavaScript: / },
  { what: "text has no default export", source: "export const a = 1;", says: /^has no default export$/ },
  {
    what: "function throws",
    source: "export default () => {\n  throw new Error('no data');\n};",
    says: /^its default export throws: no data \(line 2\)$/,
  },
  {
    what: "function gives no task",
    source: "export default () => 1;",
    says: /^the default export must return a task, and returned 1$/,
  },
  {
    what: "parameters have no shape",
    replaced: { parameters: "[{ name: 'w' }]" },
    says: /^parameters\[0\] must be \{ name, shape \}/,
  },
  {
    what: "init has other sizes",
    replaced: { init: "() => [new Float32Array(3), new Float32Array(2)]" },
    says: /^init\(\) must return a Float32Array of 1 numbers for bias, and returned Float32Array of 2$/,
  },
  { what: "init throws", replaced: { init: "() => { null.x; }" }, says: /^init\(\) throws: .*null.* \(line \d+\)$/ },
  {
    what: "init is not finite",
    replaced: { init: "() => [Float32Array.of(1, NaN, 1), new Float32Array(1)]" },
    says: /^init\(\) must give finite numbers, and gives others for weights$/,
  },
  {
    what: "init counts its calls",
    replaced: { first: "let calls = 0;", init: "() => [new Float32Array(3).fill(++calls), new Float32Array(1)]" },
    says: /^init\(\) must give the same numbers for the same seed, and gives others for weights/,
  },
  {
    what: "loss throws",
    replaced: { loss: "(p, { arrays }) => arrays.z.mean()" },
    says: /^loss\(\) throws: .*undefined.* \(line \d+\)$/,
  },
  {
    what: "loss multiplies what does not fit",
    replaced: { loss: "([w], { arrays }) => tf.matMul(arrays.x, arrays.x)" },
    says: /^loss\(\) throws: cannot multiply \[1,4,3\] and \[1,4,3\]/,
  },
  {
    what: "loss is one number for all",
    replaced: { loss: "(p, batch) => tf.mean(tf.square(residuals(p, batch)))" },
    says: /^loss\(\) must give one number a trial, a tensor \[1\] here, and gave a tensor \[\]$/,
  },
  {
    what: "loss is no tensor",
    replaced: { loss: "() => 1" },
    says: /^loss\(\) must give one number a trial, a tensor \[1\] here, and gave a number$/,
  },
  {
    what: "evaluation is one number a row",
    replaced: { evaluate: "(p, batch) => residuals(p, batch)" },
    says: /^evaluate\(\) must give one number a trial, a tensor \[1\] here, and gave a tensor \[1, 20\]$/,
  },
  {
    what: "loss reads a value",
    replaced: { loss: "(p, batch) => residuals(p, batch).dataSync()[0] > 0 ? tf.zeros([1]) : tf.ones([1])" },
    says: /^dataSync cannot be compiled: it reads a value/,
  },
  {
    what: "loss draws of its own",
    replaced: { loss: "(p, batch) => tf.add(tf.mean(residuals(p, batch), 1), tf.randomNormal([1]))" },
    says: /^randomNormal cannot be compiled: its random numbers/,
  },
  {
    what: "loss has an operation without a counterpart",
    replaced: { loss: "(p, batch) => tf.sum(tf.topk(residuals(p, batch), 1).values, 1)" },
    says: /^topk cannot be compiled: /,
  },
  {
    what: "loss mixes trials",
    replaced: {
      loss: "(p, batch) => { const r = residuals(p, batch); return tf.mean(tf.square(tf.sub(r, tf.mul(0.5, tf.mean(r, 0, true)))), 1); }",
    },
    says: /^trials must not mix: loss\(\) of one is [\d.e-]+ alone and [\d.e-]+ beside another one/,
  },
  {
    what: "evaluation mixes trials",
    replaced: {
      evaluate: "(p, batch) => { const e = tf.mean(tf.square(residuals(p, batch)), 1); return tf.div(e, tf.max(e)); }",
    },
    says: /^trials must not mix: evaluate\(\) of one is 1 alone/,
  },
  {
    what: "loss holds for one trial alone",
    replaced: { residuals: "tf.sub(tf.add(tf.sum(tf.mul(tf.reshape(w, [1, 1, 3]), arrays.x), 2), b), arrays.y)" },
    says: /^loss\(\) throws: /,
  },
  {
    what: "loss forgets a parameter",
    replaced: { residuals: "tf.sub(tf.sum(tf.mul(tf.reshape(w, [-1, 1, 3]), arrays.x), 2), arrays.y)" },
    says: /^loss\(\) must depend on every parameter through operations that have gradients$/,
  },
  {
    what: "loss is not finite",
    replaced: { loss: "(p, batch) => tf.div(tf.mean(tf.square(residuals(p, batch)), 1), 0)" },
    says: /^loss\(\) must be finite at the start, and is Infinity for seed 0$/,
  },
  {
    what: "evaluation is not finite",
    replaced: { evaluate: "(p, batch) => tf.mean(tf.log(tf.neg(tf.square(residuals(p, batch)))), 1)" },
    says: /^evaluate\(\) must be finite at the start, and is NaN for seed 0$/,
  },
  {
    what: "projection changes a shape",
    replaced: { others: "project: ([w, b]) => [tf.expandDims(w, 1), b]," },
    says: /an update must leave parameter weights as \[1,3\], and left 1,1,3/,
  },
])("refuses a module whose $what", async ({ source, replaced = {}, says }) => {
  const failure: unknown = await check(source ?? regression(replaced)).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ModuleRefused);
  expect((failure as Error).message).toMatch(says);
});
