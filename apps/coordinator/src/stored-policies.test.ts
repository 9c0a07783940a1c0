import { type AgentStore, InvalidSweepFile, type PolicyRow, type Submission } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { absence, withStoredPolicies } from "./stored-policies.js";

const versions = [
  { name: "other", version: 0 },
  { name: "tuner", version: 0 },
  { name: "tuner", version: 1 },
];
const store: Pick<AgentStore, "policies" | "policyText"> = {
  policies: async () => versions as PolicyRow[],
  policyText: async (name, version) =>
    versions.some((each) => each.name === name && each.version === version) ? `text of ${name}@${version}` : undefined,
};

function sweep(...schedules: readonly string[]): Submission {
  const lines = schedules.map((schedule) => `  - { ${schedule} }\n`).join("");
  return { source: `study: s\nschedules:\n${lines}`, file: "s.yaml" };
}

describe("a submission to a laboratory with policies", () => {
  it("gets the texts that it names, whatever came with it, and keeps the others", async () => {
    const named = sweep("kind: policy, policy: tuner@1", "kind: policy, policy: a.json");
    const modules = { sources: { "tuner@1": "forged", "a.json": "{}" }, costs: { 0: {} as never } };
    const sources = { "tuner@1": "text of tuner@1", "a.json": "{}" };
    expect(await withStoredPolicies({ ...named, modules }, store)).toEqual({
      ...named,
      modules: { ...modules, sources },
    });
    expect(await withStoredPolicies(sweep("kind: policy, policy: tuner@0"), store)).toMatchObject({
      modules: { sources: { "tuner@0": "text of tuner@0" }, costs: {} },
    });
  });

  it("is left as it is where it names none", async () => {
    const plain = sweep("kind: constant", "kind: module, path: a.mjs");
    expect(await withStoredPolicies(plain, store)).toBe(plain);
  });

  it("is refused with every policy that is not there", async () => {
    const wrong = sweep("kind: policy, policy: tuner@2", "kind: constant", "kind: policy, policy: tumer@0");
    const refused = withStoredPolicies(wrong, store);
    await expect(refused).rejects.toThrow(InvalidSweepFile);
    await expect(refused).rejects.toThrow(
      "s.yaml:3:29 schedules[0].policy there is no version 2 of the policy tuner; there are 0 to 1\n" +
        "s.yaml:5:29 schedules[2].policy there is no policy named tumer; there are other, tuner",
    );
  });

  it("is told when there is no policy at all", () => {
    expect(absence({ name: "tuner", version: 0 }, [])).toBe("there is no policy named tuner; there is none yet");
  });
});
