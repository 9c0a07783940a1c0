import { z } from "zod";
import { adamKind, adamLabel, adamSpecSchema, adamwKind, adamwSpecSchema } from "./adam/spec.js";
import type { OptimizerKind } from "./kind.js";
import { sgdKind, sgdLabel, sgdSpecSchema } from "./sgd/spec.js";

/** An optimizer as a sweep file declares it; parsing fills the defaults in and refuses unknown keys. */
export const optimizerSpecSchema = z.discriminatedUnion("kind", [sgdSpecSchema, adamSpecSchema, adamwSpecSchema]);
export type OptimizerSpec = z.infer<typeof optimizerSpecSchema>;

/** What can train. */
export const optimizerKinds: readonly OptimizerKind[] = [sgdKind, adamKind, adamwKind];

/** A short name, one for each distinct spec; options that are not at their defaults show. */
export function optimizerLabel(spec: OptimizerSpec): string {
  switch (spec.kind) {
    case "sgd":
      return sgdLabel(spec);
    case "adam":
    case "adamw":
      return adamLabel(spec);
  }
}

export type { OptimizerKind, SpecParameter } from "./kind.js";
