import { createExecutor } from "@stride/compile";
import { type Cohort, canonicalJson, moduleHash, placeholderPolicy } from "@stride/experiment";
import { initialPolicy } from "@stride/schedules";
import type { PolicyDocument } from "@stride/schedules/spec";
import { expect, it } from "vitest";
import { cohortOf, collect, curveOf, trialOf } from "../test/cohorts.js";
import { loadNamed } from "./named-modules.js";
import { train } from "./train.js";

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

it("has a policy steer a training: one that always halves, after every 10 of 35 steps", async () => {
  const zero = initialPolicy({
    every: 10,
    sees: { gradients: false, bound: false },
    actions: { kind: "discrete", factors: [0.5, 2] },
    range: { lowest: 0.25, highest: 1 },
    hidden: [],
    critic: false,
    seed: 1,
  });
  const [layer] = zero.actor as [PolicyDocument["actor"][number]];
  const text = canonicalJson({ ...zero, actor: [{ weights: layer.weights.map(() => [0, 0]), biases: [1, 0] }] });
  const sha256 = moduleHash(text);
  const schedule = { kind: "policy", policy: "halver@1", sha256, every: 10, sees: zero.sees };
  const trial = trialOf({ schedule, learningRate: 0.1, steps: 35 });
  const trained = { ...cohortOf([]), trials: [trial], modules: { [sha256]: text } };
  await using executor = await createExecutor("tfjs-cpu");
  const { learningRates } = curveOf(await collect(train({ cohort: trained, executor })), trial);
  // Not below a quarter of the base rate.
  expect(learningRates).toEqual([0.1, 0.05, 0.025, 0.025].flatMap((rate, i) => Array(i < 3 ? 10 : 5).fill(rate)));
});
