import { analysisSchema } from "@stride/experiment";
import { z } from "zod";

const storedSweepSchema = z.object({ analysis: analysisSchema, learningRates: z.array(z.number()) });

/** What reading results needs of a sweep. */
export type StoredSweep = z.infer<typeof storedSweepSchema>;

/** Reads a sweep as a study keeps it. */
export function parseStoredSweep(sweep: unknown): StoredSweep {
  return storedSweepSchema.parse(sweep);
}
