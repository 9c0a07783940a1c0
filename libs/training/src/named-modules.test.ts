import { type Cohort, moduleHash, placeholderPolicy } from "@stride/experiment";
import { expect, it } from "vitest";
import { trialOf } from "../test/cohorts.js";
import { loadNamed } from "./named-modules.js";

const code = "export default 41 + 1;";
const codeHash = moduleHash(code);
const policyHash = moduleHash(placeholderPolicy);

/** Specs as far as they are looked at: their kinds and hashes. */
function cohort(
  specs: readonly object[],
  modules: Readonly<Record<string, string>>,
): Pick<Cohort, "trials" | "modules"> {
  const trials = specs.map((schedule) => ({
    ...trialOf(),
    schedule: schedule as ReturnType<typeof trialOf>["schedule"],
  }));
  return { trials, modules };
}
const module = { kind: "module", sha256: codeHash };
const policy = { kind: "policy", sha256: policyHash };

it("gives modules as what they export and policies as documents, also of a control's schedule", async () => {
  const specs = [module, { kind: "replay", schedule: policy }];
  const loaded = await loadNamed(cohort(specs, { [codeHash]: code, [policyHash]: placeholderPolicy }));
  expect(loaded).toEqual(
    new Map<string, unknown>([
      [codeHash, 42],
      [policyHash, JSON.parse(placeholderPolicy)],
    ]),
  );
});

it("is empty without texts", async () => {
  expect(await loadNamed({ trials: [trialOf()] })).toEqual(new Map());
});

it("never runs what a spec names as a policy", async () => {
  const named = cohort([{ kind: "policy", sha256: codeHash }, module], { [codeHash]: code });
  await expect(loadNamed(named)).rejects.toThrow("it is not JSON");
});

it("refuses a text that is not what its hash says", async () => {
  const edited = cohort([policy], { [policyHash]: `${placeholderPolicy} ` });
  await expect(loadNamed(edited)).rejects.toThrow(`and should have ${policyHash}`);
});
