import { z } from "zod";
import { specParameters, type TaskCost, type TaskDefinition } from "../kind.js";

/** Characters that a module's options may have as JSON: they stand in the trial's label. */
const longestOptions = 1_000;

const count = z.number().min(0).max(1e18);

/**
 * A task of the user's own. A sweep file gives path and options; content hash and cost are written in when it is parsed, and `path` is
 * cut to the file's name: where the file lies changes no trial.
 */
const moduleTaskSchema = z.strictObject({
  kind: z.literal("module"),
  path: z
    .string()
    .regex(/\.m?js$/)
    .max(1_000)
    .meta({ title: "a path that ends with .mjs or .js" })
    .describe("the ES module, relative to the sweep file; its default export makes the task"),
  options: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z]\w*$/)
        .meta({ title: "a word of letters, digits and _" }),
      z.json(),
    )
    .refine((options) => JSON.stringify(options).length <= longestOptions, {
      error: `must have at most ${longestOptions} characters as JSON`,
    })
    .default({})
    .describe("what it is called with"),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("hash of its text; found by Stride"),
  cost: z
    .strictObject({ parameters: count, flopsPerStep: count, bytesPerStep: count, evaluationFlops: count })
    .describe("what a step takes; counted by Stride"),
});
export type ModuleTaskSpec = z.infer<typeof moduleTaskSchema>;

/** For example `module-two-moons-1a2b3c4d-width=8`. */
function moduleTaskLabel({ path, sha256, options }: ModuleTaskSpec): string {
  const name = path.replace(/^.*[\\/]/, "").replace(/\.m?js$/, "");
  const shown = Object.entries(options)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `-${key}=${optionText(value)}`);
  return `module-${name}-${sha256.slice(0, 8)}${shown.join("")}`;
}

/** A word as it is, anything else as JSON with its keys in order: equal texts are equal values. */
function optionText(value: unknown): string {
  if (typeof value === "string" && /^(?!(?:true|false|null)$)[A-Za-z]\w*$/.test(value)) return value;
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}

export const moduleTaskDefinition: TaskDefinition<typeof moduleTaskSchema> = {
  kind: "module",
  description: "A task of your own, from an ES module beside the sweep file",
  parameters: specParameters(moduleTaskSchema.pick({ kind: true, path: true, options: true }).shape),
  schema: moduleTaskSchema,
  label: moduleTaskLabel,
  cost: ({ cost }): TaskCost => cost,
};
