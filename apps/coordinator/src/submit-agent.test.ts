import { readFileSync } from "node:fs";
import { createMemoryResultStore } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { submitAgent } from "./submit-agent.js";

const file = "rl-smoke.yaml";
const submission = { source: readFileSync(`../../sweeps/${file}`, "utf8"), file };

describe("submitAgent", () => {
  it("counts the work of the first iteration once: two batches, a validation task and an update", async () => {
    await using store = createMemoryResultStore();
    expect(await submitAgent(store, submission)).toMatchObject({ study: "rl-smoke", cohorts: 4 });
    expect(await submitAgent(store, submission)).toMatchObject({ study: "rl-smoke", cohorts: 0 });
  });

  it("refuses a study that was cancelled before it had learned", async () => {
    await using store = createMemoryResultStore();
    await submitAgent(store, submission);
    await store.setStudyState("rl-smoke", "cancelled");
    await expect(submitAgent(store, submission)).rejects.toThrow(
      "study rl-smoke is cancelled, which is final: submit its sweep under another name",
    );
  });
});
