import { InvalidSweepFile } from "../src/errors.js";
import { parseSweep } from "../src/sweep.js";

/** A sweep file without a fault, to be broken in one place at a time. */
export const good = `study: s
tasks:
  - { kind: quadratic }
schedules:
  - { kind: constant }
learningRates: [0.1]
seeds: { tuning: 1, report: 2 }
steps: 100
`;

/** The message of the error that the text brings, its lines apart. */
export function messagesOf(text: string): readonly string[] {
  try {
    parseSweep(text, { file: "x.yaml" });
  } catch (error) {
    if (error instanceof InvalidSweepFile) return error.message.split("\n");
    throw error;
  }
  throw new Error("the sweep file was accepted");
}

/** What is put in the place of what. */
export const tasks = (task: string) => ["{ kind: quadratic }", task] as const;
export const schedule = (entry: string) => ["{ kind: constant }", entry] as const;
export const rates = (text: string) => ["[0.1]", text] as const;
