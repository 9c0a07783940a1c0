import { execFileSync } from "node:child_process";
import type { Cohort } from "@stride/experiment";
import { sampleCohort } from "@stride/experiment/contracts";
import { taskSpecSchema } from "@stride/tasks/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { starvedChild } from "../test/children.js";
import { reportsBy } from "../test/trainers.js";
import { isOutOfMemory } from "./memory-errors.js";
import { createChildTrainer } from "./trainer.js";

function whyNot(): string | undefined {
  try {
    execFileSync("prlimit", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "there is no prlimit (package util-linux)";
  }
}
const missing = whyNot();
if (missing !== undefined && process.env.CI === "true") throw new Error(missing);

const small = sampleCohort({ steps: 2 });
/**
 * One trial whose first parameter is one array of 800 MB: it is refused as a whole, and leaves room for everything else. Many smaller ones
 * would fail anywhere, also where a thread is started, which nobody can tell from other faults.
 */
const large: Cohort = {
  ...small,
  trials: sampleCohort({ trials: 1, steps: 2 }).trials.map((trial) => ({
    ...trial,
    task: taskSpecSchema.parse({ kind: "nmf", data: "synthetic", rank: 1024, rows: 200_000, columns: 8, trueRank: 1 }),
  })),
};

describe.skipIf(missing !== undefined)(
  `a child with 400 MB ${missing === undefined ? "" : `(skipped: ${missing})`}`,
  () => {
    beforeAll(() => {
      process.env.STARVED_CHILD_ROOM_MB = "400";
    });
    afterAll(() => {
      delete process.env.STARVED_CHILD_ROOM_MB;
    });

    const train = async (cohort: Cohort) => {
      await using trainer = createChildTrainer({ executor: "onnx-cpu", threads: 1, script: starvedChild });
      let last = 0;
      for await (const { step } of reportsBy(trainer, cohort, new AbortController().signal)) last = step;
      return last;
    };

    it("trains what fits", async () => {
      expect(await train(small)).toBe(2);
    });

    it("fails for want of memory with what does not, and it shows", async () => {
      const failure = await train(large).then(
        () => "it trained",
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      expect(failure).toSatisfy(isOutOfMemory);
    });
  },
);
