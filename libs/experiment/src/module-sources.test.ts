import { expect, it } from "vitest";
import { sampleCohort } from "./contracts/samples.js";
import type { RateSpec } from "./domain.js";
import { carriedTexts, moduleHashes, withModules } from "./module-sources.js";

const [first, second] = ["1a", "2b"].map((digits) => digits.repeat(32)) as [string, string];

it("finds modules at any depth, each once, and takes nothing else for one", () => {
  const spec = {
    kind: "module",
    sha256: first,
    options: [{ deeper: { kind: "module", sha256: second } }, { kind: "module", sha256: first }],
    others: [{ kind: "cosine", sha256: "3c".repeat(32) }, { kind: "module", sha256: "short" }, null, "module"],
  };
  expect(moduleHashes(spec)).toEqual(new Set([first, second]));
  expect(moduleHashes({ kind: "cosine" })).toEqual(new Set());
});

it("finds policies as well, or one kind alone", () => {
  const spec = [
    { kind: "module", sha256: first },
    { kind: "policy", sha256: second },
  ];
  expect(moduleHashes(spec)).toEqual(new Set([first, second]));
  expect(moduleHashes(spec, "module")).toEqual(new Set([first]));
  expect(moduleHashes(spec, "policy")).toEqual(new Set([second]));
});

it("gives a cohort the sources it names, and leaves modules out where it names none that is there", () => {
  const cohort = sampleCohort();
  const naming = {
    ...cohort,
    trials: cohort.trials.map((trial) => ({
      ...trial,
      schedule: { kind: "module", sha256: first } as unknown as RateSpec,
    })),
  };
  const sources = new Map([
    [first, "one"],
    [second, "two"],
  ]);
  expect(withModules(naming, sources)).toEqual({ ...naming, modules: { [first]: "one" } });
  expect(withModules(naming, new Map())).toEqual(naming);
  expect(withModules({ ...cohort, modules: { [first]: "one" } }, sources)).toEqual(cohort);
});

it("takes every text for code but what a spec names as a policy", () => {
  const { trials } = sampleCohort();
  const schedule = { kind: "policy", sha256: first } as unknown as RateSpec;
  const naming = trials.map((trial) => ({ ...trial, schedule }));
  const modules = { [first]: "one", [second]: "two" };
  expect(carriedTexts({ trials: naming, modules })).toEqual({
    code: { [second]: "two" },
    policies: { [first]: "one" },
  });
  expect(carriedTexts({ trials, modules })).toEqual({ code: modules, policies: {} });
  expect(carriedTexts({ trials })).toEqual({ code: {}, policies: {} });
});
