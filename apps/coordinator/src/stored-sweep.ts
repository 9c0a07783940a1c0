import { analysisSchema, comparisonStudy, InvalidArgument } from "@stride/experiment";
import { z } from "zod";

const storedSweepSchema = z.object({ analysis: analysisSchema, learningRates: z.array(z.number()) });

/** What reading results needs of a sweep. */
export type StoredSweep = z.infer<typeof storedSweepSchema>;

/** Reads a sweep as a study keeps it. */
export function parseStoredSweep(sweep: unknown): StoredSweep {
  return storedSweepSchema.parse(sweep);
}

const agentSweepSchema = z.object({
  study: z.string(),
  policy: z.string(),
  algorithm: z.object({}),
  comparison: z.unknown().optional(),
});

/** Throws `InvalidArgument` for an agent's study, which has episodes in place of trials; says where its trials are. */
export function requireTrials(sweep: unknown): void {
  const { success, data } = agentSweepSchema.safeParse(sweep);
  if (!success) return;
  const where =
    data.comparison === undefined
      ? "its sweep compares nothing"
      : `what it learned is compared in the study ${comparisonStudy(data)}, once it has learned`;
  throw new InvalidArgument(
    `${data.study} is an agent's study, of episodes and not of trials: ${where}; stride policy list ${data.policy} shows how it fared`,
  );
}
