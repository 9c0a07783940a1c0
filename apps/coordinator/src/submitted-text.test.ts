import { readFileSync } from "node:fs";
import type { Submitted } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { describeSubmitted } from "./submitted-text.js";

const submitted: Submitted = { study: "study", added: 0, existing: 0, cohorts: 0, warnings: [] };
const read = (file: string) => ({ file, source: readFileSync(`../../sweeps/${file}`, "utf8") });

describe("describeSubmitted", () => {
  it("counts trials, new and known", () => {
    const text = describeSubmitted(read("smoke.yaml"), { ...submitted, added: 16, existing: 4, cohorts: 2 });
    expect(text).toBe("16 new trials in 2 cohorts, 4 known");
  });

  it("counts what an agent lives: 3 iterations of 2 · 4 episodes, and versions 0 and 3 validated on 1 · 2", () => {
    const text = "3 iterations to learn rl-smoke, 28 episodes on 3 tasks and 1 for validation";
    expect(describeSubmitted(read("rl-smoke.yaml"), { ...submitted, cohorts: 4 })).toBe(text);
    expect(describeSubmitted(read("rl-smoke.yaml"), submitted)).toBe(`${text}; known already`);
  });
});
