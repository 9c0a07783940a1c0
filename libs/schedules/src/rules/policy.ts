import { z } from "zod";
import { stepCount } from "../fields.js";
import { InvalidArgument } from "../invalid-argument.js";
import { policyDocumentSchema } from "../policy/document.js";
import { policyScheduler } from "../policy/scheduler.js";
import { parametersOf, type Rule } from "../rule.js";
import { neverDecides } from "./decision-table.js";

const given = {
  kind: z.literal("policy"),
  policy: z.string().min(1).max(1_000).meta({
    title: "NAME@VERSION, or a path that ends with .json",
    description: "the policy: NAME@VERSION, or a file that stride policy export wrote, relative to the sweep file",
    unit: "",
  }),
};

/** Parsing a sweep cuts a path to the file's name, and writes in what follows from the policy's document. */
const schema = z.strictObject({
  ...given,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  every: stepCount({ min: 1 }),
  sees: z.strictObject({ gradients: z.boolean(), bound: z.boolean() }),
});

/**
 * A policy that an agent learned (docs/learning-a-schedule.md): after every k steps it multiplies the rate by a factor that its network
 * chooses from scale-free features of the last losses and rates.
 */
export const policy: Rule<typeof schema> = {
  kind: "policy",
  description: "What an agent learned: its network chooses factors of the rate from the losses seen",
  source: "Stride; docs/learning-a-schedule.md",
  parameters: parametersOf(given),
  schema,
  create(spec, { learningRate, steps, modules, seed }) {
    const document = policyDocumentSchema.safeParse(modules?.get(spec.sha256));
    if (!document.success) {
      throw new InvalidArgument(
        modules?.has(spec.sha256) === true
          ? `${spec.policy} (${spec.sha256}) is no policy document: ${document.error.issues[0]?.message}`
          : `the policy ${spec.policy} (${spec.sha256}) was not given`,
      );
    }
    return policyScheduler(document.data, { learningRate, steps, ...(seed === undefined ? {} : { seed }) });
  },
  decisions: ({ every }) => ({ kind: "closed-loop", signal: "train", every, warmupSteps: 0 }),
  warnings: neverDecides,
};
