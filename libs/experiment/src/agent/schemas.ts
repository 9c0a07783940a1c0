import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { actionsSchema } from "@stride/schedules/spec";
import { taskSpecSchema } from "@stride/tasks/spec";
import { z } from "zod";
import { stabilitySchema } from "../stability.js";
import { agentAlgorithmSchema } from "./algorithm.js";
import type { AgentWork, Environment, EpisodeBatch, Exploration, PolicyUpdate } from "./domain.js";

const name = z.string().min(1);
const index = z.int().min(0);
const positive = z.number().gt(0);

const environmentSchema: z.ZodType<Environment> = z
  .strictObject({
    steps: z.int().min(1),
    every: z.int().min(1),
    actions: actionsSchema,
    range: z.strictObject({ lowest: positive, highest: positive }),
    sees: z.strictObject({ gradients: z.boolean(), bound: z.boolean() }),
    reward: z.strictObject({ signal: z.enum(["train", "evaluation"]), divergencePenalty: z.number() }),
    stability: stabilitySchema.exactOptional(),
  })
  .refine(({ steps, every }) => steps % every === 0 && steps >= 2 * every, {
    path: ["steps"],
    error: "steps must be a multiple of every, at least twice it",
  });

const explorationSchema: z.ZodType<Exploration> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("policy") }),
  z.strictObject({ kind: z.literal("epsilon"), epsilon: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal("constant") }),
  z.strictObject({ kind: z.literal("none") }),
]);

const episodeBatchSchema = z.strictObject({
  kind: z.literal("episodes"),
  cohortId: name,
  studyName: name,
  iteration: index,
  position: index,
  purpose: z.enum(["train", "validation"]),
  task: taskSpecSchema,
  optimizer: optimizerSpecSchema,
  environment: environmentSchema,
  exploration: explorationSchema,
  starts: z
    .array(z.strictObject({ seed: index, learningRate: positive }))
    .min(1)
    .readonly(),
  policy: name,
}) satisfies z.ZodType<EpisodeBatch>;

const policyUpdateSchema = z.strictObject({
  kind: z.literal("update"),
  cohortId: name,
  studyName: name,
  iteration: index,
  environment: environmentSchema,
  algorithm: agentAlgorithmSchema,
  seed: index,
  policy: name,
  target: name.exactOptional(),
}) satisfies z.ZodType<PolicyUpdate>;

/** Agent work as JSON carries it: what a worker parses at its door. Accepts what `iterationWork` makes, and gives it back unchanged. */
export const agentWorkSchema: z.ZodType<AgentWork> = z.discriminatedUnion("kind", [
  episodeBatchSchema,
  policyUpdateSchema,
]);
