import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { actionsSchema } from "@stride/schedules/spec";
import { z } from "zod";
import { stabilitySchema } from "../stability.js";
import { studyName } from "../sweep/schema.js";
import { agentAlgorithmSchema } from "./algorithm.js";

const count = (most: number) => z.int().min(1).max(most);
const rate = z.number().gt(0).max(1e6);
const factor = z.number().gt(0).max(1e12);

const decideSchema = z.strictObject({
  every: count(1_000_000).default(20),
  actions: actionsSchema.prefault({ kind: "discrete" }),
  range: z
    .strictObject({ lowest: factor.default(1e-4), highest: factor.default(1e4) })
    .refine(({ lowest, highest }) => lowest <= 1 && highest >= 1, {
      path: ["lowest"],
      error: "must not be above 1, and highest not below: the rate begins at 1 times itself",
    })
    .prefault({}),
});

const rewardSchema = z.strictObject({
  signal: z.enum(["train", "evaluation"]).default("evaluation"),
  divergencePenalty: z.number().min(0).max(1e6).default(5),
});

const agentSchema = z
  .strictObject({
    policy: studyName.optional(),
    algorithm: agentAlgorithmSchema.prefault({ kind: "ppo" }),
    iterations: count(10_000),
    episodes: z.strictObject({ batches: count(1_000).default(4), each: count(1_024).default(16) }).prefault({}),
    validate: z.strictObject({ every: count(10_000).default(10), each: count(1_024).default(8) }).prefault({}),
    decide: decideSchema.prefault({}),
    reward: rewardSchema.prefault({}),
    sees: z.strictObject({ gradients: z.boolean().default(false), bound: z.boolean().default(false) }).prefault({}),
    network: z.strictObject({ hidden: z.array(count(1_024)).max(8).default([32, 32]) }).prefault({}),
    clip: z.literal("stability").optional(),
    stability: stabilitySchema.optional(),
    seed: z.int().min(0).max(1e9).default(0),
  })
  .refine(({ clip, stability }) => clip === undefined || stability === undefined, {
    path: ["clip"],
    error: "must be left out beside stability: write stability: { clip: true, … }",
  });

const familySchema = z.strictObject({
  /** Each field a value, or a range that `drawnTask` draws from. */
  task: z.record(z.string(), z.unknown()).meta({ title: "a task like { kind: nmf, rank: { oneOf: [4, 8] } }" }),
  initialRate: z.strictObject({ from: rate, to: rate }).refine(({ from, to }) => from <= to, {
    path: ["to"],
    error: "must not be below from",
  }),
  train: count(10_000),
  validation: count(1_000),
  test: z.int().min(0).max(1_000).default(0),
});

/** An agent's sweep file, as it is written. */
export const agentFileSchema = z.strictObject({
  study: studyName,
  agent: agentSchema,
  family: familySchema,
  optimizer: optimizerSpecSchema.prefault({ kind: "sgd" }),
  steps: count(10_000_000),
  comparison: z.record(z.string(), z.unknown()).meta({ title: "a sweep without study" }).optional(),
});
export type AgentFile = z.infer<typeof agentFileSchema>;
