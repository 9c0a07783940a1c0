import { readFileSync } from "node:fs";
import { parseAgentSweep, parseSweep } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { requireTrials } from "./stored-sweep.js";

const read = (file: string) => readFileSync(`../../sweeps/${file}`, "utf8");

describe("requireTrials", () => {
  it("takes a sweep of trials", () => {
    expect(() => requireTrials(parseSweep(read("smoke.yaml")))).not.toThrow();
  });

  it("says of an agent's study where its comparison is, and where to look", () => {
    expect(() => requireTrials(parseAgentSweep(read("rl-nmf.yaml")))).toThrow(
      "rl-nmf is an agent's study, of episodes and not of trials: what it learned is compared in the study rl-nmf-comparison, " +
        "once it has learned; stride policy list nmf-ppo shows how it fared",
    );
  });

  it("says of an agent without a comparison that there is none", () => {
    const { comparison: _, ...sweep } = parseAgentSweep(read("rl-nmf.yaml"));
    expect(() => requireTrials(sweep)).toThrow("of episodes and not of trials: its sweep compares nothing; ");
  });
});
