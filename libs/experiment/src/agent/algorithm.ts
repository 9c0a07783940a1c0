import { z } from "zod";

const unit = z.number().min(0).max(1);
const learningRate = z.number().gt(0).max(1);
const minibatch = z.int().min(1).max(65_536);

/** Proximal policy optimisation; libs/agents/src/ppo.ts has the equations. */
const ppoSchema = z.strictObject({
  kind: z.literal("ppo"),
  learningRate: learningRate.default(3e-3).meta({ description: "of Adam, on actor and critic" }),
  epochs: z.int().min(1).max(100).default(6).meta({ description: "passes over an iteration's decisions" }),
  minibatch: minibatch.default(512).meta({ description: "decisions in a mini-batch" }),
  clip: z.number().gt(0).lt(1).default(0.2).meta({ description: "of the probability ratio" }),
  discount: unit.default(0.99).meta({ description: "γ" }),
  trace: unit.default(0.95).meta({ description: "λ of the generalised advantage estimate" }),
  entropy: z.number().min(0).max(10).default(0.01).meta({ description: "weight of the entropy" }),
  value: z.number().min(0).max(100).default(0.5).meta({ description: "weight of the critic's loss" }),
});

/** Double Q-learning with a target network; libs/agents/src/double-dqn.ts has the equations. */
const doubleDqnSchema = z.strictObject({
  kind: z.literal("double-dqn"),
  learningRate: learningRate.default(1e-3).meta({ description: "of Adam" }),
  updates: z.int().min(1).max(100_000).default(200).meta({ description: "mini-batches an iteration" }),
  minibatch: minibatch.default(256).meta({ description: "decisions in a mini-batch" }),
  discount: unit.default(0.99).meta({ description: "γ" }),
  replay: z.int().min(1).max(1000).default(10).meta({ description: "iterations whose decisions are drawn from" }),
  target: z.int().min(1).max(1000).default(3).meta({ description: "iterations between two target networks" }),
  epsilon: z
    .strictObject({ from: unit.default(1), to: unit.default(0.05), over: z.int().min(1).default(20) })
    .prefault({})
    .meta({ description: "chance of an action at random: falls from … to …, over so many iterations" }),
});

/** A floor: every action equally likely, nothing learned. */
const randomSchema = z.strictObject({ kind: z.literal("random") });

/** A floor: of all actions, the one that is best when it is taken all along. One iteration finds it. */
const bestConstantSchema = z.strictObject({ kind: z.literal("best-constant") });

/** What learns, with every default filled in. */
export const agentAlgorithmSchema = z.discriminatedUnion("kind", [
  ppoSchema,
  doubleDqnSchema,
  randomSchema,
  bestConstantSchema,
]);
export type AgentAlgorithm = z.infer<typeof agentAlgorithmSchema>;
export type PpoOptions = z.infer<typeof ppoSchema>;
export type DoubleDqnOptions = z.infer<typeof doubleDqnSchema>;
