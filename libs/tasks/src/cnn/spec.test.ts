import { describe, expect, it } from "vitest";
import { classifierInputs, cnnDefinition, convolutionShapes } from "./spec.js";

const parse = (given: object) => cnnDefinition.schema.parse({ kind: "cnn", data: "mnist", ...given });

it.each([
  { given: {}, label: "cnn-mnist-16-32" },
  { given: { data: "fashion-mnist", pooling: "average", batch: 32 }, label: "cnn-fashion-mnist-16-32-average-batch32" },
  {
    given: { channels: [8, 16], kernel: 5, groups: 2, pooling: "none", normalisation: "layer", dropout: 0.25 },
    label: "cnn-mnist-8-16-kernel5-groups2-stride2-layernorm-dropout0.25",
  },
])("is called $label", ({ given, label }) => expect(cnnDefinition.label(parse(given))).toBe(label));

it.each([
  { what: "groups that do not divide the channels", given: { channels: [16, 30], groups: 4 }, path: ["groups"] },
  {
    what: "channels that no group of eight fits",
    given: { channels: [12], normalisation: "group" },
    path: ["normalisation"],
  },
  { what: "an even kernel", given: { kernel: 4 }, path: ["kernel"] },
  { what: "dropout of everything", given: { dropout: 1 }, path: ["dropout"] },
  { what: "more layers than halves of 28", given: { channels: [4, 4, 4, 4, 4] }, path: ["channels"] },
  { what: "a batch above the images", given: { trainingSize: 20 }, path: ["batch"] },
])("refuses $what", ({ given, path }) => {
  const parsed = cnnDefinition.schema.safeParse({ kind: "cnn", data: "mnist", ...given });
  expect(parsed.error?.issues.map((issue) => issue.path)).toEqual([path]);
});

it.each([
  { pooling: "max", widths: [14, 7, 3, 1], inputs: 4 },
  { pooling: "average", widths: [14, 7, 3, 1], inputs: 4 },
  { pooling: "none", widths: [14, 7, 4, 2], inputs: 16 },
])("halves 28 pixels with pooling $pooling to $widths", ({ pooling, widths, inputs }) => {
  const spec = parse({ channels: [4, 4, 4, 4], pooling });
  expect(convolutionShapes(spec).map(({ pooledWidth }) => pooledWidth)).toEqual(widths);
  expect(classifierInputs(spec)).toBe(inputs);
});

describe("its cost", () => {
  const cost = (given: object) => cnnDefinition.cost(parse(given));

  it("counts the products of convolutions at every pixel, none for the gradient of the images", () => {
    const { parameters, flopsPerStep, evaluationFlops } = cost({});
    expect(parameters).toBe(9 * 16 + 16 + 9 * 16 * 32 + 32 + 1568 * 10 + 10);
    const [first, second, classifier] = [784 * 9 * 16, 196 * 9 * 16 * 32, 15680];
    const products = 64 * 2 * (2 * first + 3 * second + 3 * classifier);
    expect(flopsPerStep / products).toBeGreaterThan(1);
    expect(flopsPerStep / products).toBeLessThan(1.05);
    expect(evaluationFlops / (1000 * 2 * (first + second + classifier))).toBeCloseTo(1, 1);
  });

  it("falls with the groups and with a stride of 2", () => {
    const whole = cost({ channels: [32, 32] }).flopsPerStep;
    expect(cost({ channels: [32, 32], groups: 4 }).flopsPerStep).toBeLessThan(0.5 * whole);
    expect(cost({ channels: [32, 32], pooling: "none" }).flopsPerStep).toBeLessThan(0.3 * whole);
  });
});
