import { z } from "zod";
import { stepCount, unitOfFactor } from "../fields.js";
import { finiteLog } from "../policy/features.js";
import { parametersOf, type Rule, type WarningOptions } from "../rule.js";
import type { Scheduler } from "../schedule.js";

const most = 64;
const factor = z.number().gt(0).max(1000);
const bound = () => z.number().gt(0).max(1e6);

const schema = z
  .strictObject({
    kind: z.literal("decision-table"),
    every: stepCount({ min: 1 }).meta({ description: "it decides after every n-th step", unit: "steps" }),
    trend: z
      .array(z.number())
      .min(1)
      .max(most)
      .refine((edges) => edges.every((edge, i) => i === 0 || edge > (edges[i - 1] as number)), {
        error: "the edges must increase",
      })
      .meta({
        description: "edges between the columns, increasing: changes of the mean log loss over the last n steps",
        unit: "natural logarithm of the loss",
      }),
    table: z
      .array(
        z
          .array(factor)
          .min(2)
          .max(most + 1),
      )
      .min(1)
      .max(most)
      .meta({
        description:
          "what the rate is multiplied by: a row for each equal part of the training, a column more than edges",
        unit: unitOfFactor,
      }),
    lowest: bound()
      .max(1)
      .default(1e-3)
      .meta({ description: "falls stop at the base rate times this", unit: unitOfFactor }),
    highest: bound()
      .min(1)
      .default(1e3)
      .meta({ description: "rises stop at the base rate times this", unit: unitOfFactor }),
  })
  .refine(({ trend, table }) => table.every((row) => row.length === trend.length + 1), {
    path: ["table"],
    error: "every row must have one factor more than there are edges of the trend",
  });
type DecisionTableSpec = z.infer<typeof schema>;

/** `sum` of the log losses of `count` steps since the last decision; `before` is the mean of those before it, null at first. */
type TableState = {
  readonly rate: number;
  readonly seen: number;
  readonly sum: number;
  readonly count: number;
  readonly before: number | null;
};

/**
 * After every n steps η ← η · table[⌊R t / T⌋][#{edges ≤ L̄ − L̄′}], from `lowest` to `highest` times the base rate:
 * R rows, t steps of T, L̄ and L̄′ the mean log losses of the last n steps and of those before (0 apart at the first decision). What a learned
 * policy may come down to (docs/learning-a-schedule.md); its `budget` and its `fall` are t / T and L̄ − L̄′. Constant from T on.
 */
export const decisionTable: Rule<typeof schema> = {
  kind: "decision-table",
  description: "Multiplies the rate by what a table says for the trend of the loss and the time",
  source: "Stride; docs/learning-a-schedule.md",
  parameters: parametersOf(schema.shape),
  example: { every: 10, trend: [-0.1], table: [[1.25, 0.5]] },
  schema,
  create: (spec, { learningRate, steps }) => tableScheduler(spec, { learningRate, steps }),
  decisions: ({ every }) => ({ kind: "closed-loop", signal: "train", every, warmupSteps: 0 }),
  warnings: neverDecides,
};

/** A rule that decides after every n steps, but not after the last, has nothing to decide in a training of so few. */
export function neverDecides({ every }: { readonly every: number }, { steps }: WarningOptions): string[] {
  if (steps === undefined || every < steps) return [];
  return [`it decides after every ${every} steps, so never in the ${steps} of the trial`];
}

function tableScheduler(
  { every, trend, table, lowest, highest }: DecisionTableSpec,
  { learningRate, steps }: { readonly learningRate: number; readonly steps: number },
): Scheduler<TableState> {
  return {
    init: () => ({ rate: learningRate, seen: 0, sum: 0, count: 0, before: null }),
    learningRate: ({ rate }) => rate,
    update(state, { step, trainingLoss }) {
      const seen = state.seen + 1;
      const sum = state.sum + finiteLog(trainingLoss);
      const count = state.count + 1;
      // Its own steps are counted, as there may be a warm-up before it; when it decides goes by the trial's.
      if ((step + 1) % every !== 0 || seen >= steps) return { ...state, seen: Math.min(seen, steps), sum, count };
      const mean = sum / count;
      const change = mean - (state.before ?? mean);
      const row = table[Math.floor((table.length * seen) / steps)] as readonly number[];
      const chosen = row[trend.filter((edge) => edge <= change).length] as number;
      const rate = Math.min(learningRate * highest, Math.max(learningRate * lowest, state.rate * chosen));
      return { rate, seen, sum: 0, count: 0, before: mean };
    },
  };
}
