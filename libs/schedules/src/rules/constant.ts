import { z } from "zod";
import { parametersOf, type Rule } from "../rule.js";

const schema = z.strictObject({ kind: z.literal("constant") });

/** η(t) = η₀. */
export const constant: Rule<typeof schema> = {
  kind: "constant",
  description: "The base learning rate throughout",
  source: "Robbins & Monro, A stochastic approximation method, 1951, with a constant gain",
  parameters: parametersOf(schema.shape),
  schema,
  create:
    (_, { learningRate }) =>
    () =>
      learningRate,
};
