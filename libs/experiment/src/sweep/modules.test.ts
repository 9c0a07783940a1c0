import { describe, expect, it } from "vitest";
import { InvalidSweepFile } from "../errors.js";
import { withModules } from "../module-sources.js";
import { planTrials } from "../plan.js";
import { planCohorts } from "../plan-cohorts.js";
import { parseSweep } from "../sweep.js";
import { moduleHash, moduleLimits, moduleReferences, moduleTexts, type SweepModules } from "./modules.js";

const text = `study: own
tasks:
  - { kind: quadratic }
  - { kind: module, path: ./tasks/bowl.mjs, options: { dimension: 3 } }
schedules:
  - { kind: constant }
  - { name: mine, kind: module, path: "../fade.mjs", watches: nothing }
learningRates: [0.1]
seeds: { tuning: 0, report: 1 }
steps: 10
`;
const bowl = "export default () => ({});";
const fade = "export default () => () => 0.1;";
const cost = { parameters: 3, flopsPerStep: 24, bytesPerStep: 100, evaluationFlops: 6 };
const modules: SweepModules = { sources: { "./tasks/bowl.mjs": bowl, "../fade.mjs": fade }, costs: { 1: cost } };

function issues(given: string, with_: SweepModules = modules): string[] {
  try {
    parseSweep(given, { modules: with_ });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidSweepFile)) throw error;
    return error.message.split("\n");
  }
}

describe("the modules of a sweep", () => {
  it("are found with their places", () => {
    expect(moduleReferences(text)).toEqual([
      {
        kind: "module",
        list: "tasks",
        index: 1,
        path: "./tasks/bowl.mjs",
        place: { line: 4, column: 27, path: "tasks[1].path" },
      },
      {
        kind: "module",
        list: "schedules",
        index: 1,
        path: "../fade.mjs",
        place: { line: 7, column: 39, path: "schedules[1].path" },
      },
    ]);
  });

  it("are named by the SHA-256 of their texts, and tasks have their costs", () => {
    const { tasks, schedules } = parseSweep(text, { modules });
    expect(tasks[1]).toEqual({
      kind: "module",
      path: "bowl.mjs",
      options: { dimension: 3 },
      sha256: moduleHash(bowl),
      cost,
    });
    expect(schedules[1]).toEqual({
      name: "mine",
      schedule: {
        kind: "module",
        path: "fade.mjs",
        watches: "nothing",
        every: 1,
        options: {},
        sha256: moduleHash(fade),
      },
    });
    // echo -n abc | sha256sum
    expect(moduleHash("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("must be texts, and not too long together", () => {
    const broken = (sources: SweepModules["sources"]) => {
      try {
        parseSweep(text, { modules: { ...modules, sources: { ...modules.sources, ...sources } } });
      } catch (error) {
        return String(error);
      }
      throw new Error("it was accepted");
    };
    expect(broken({ "../fade.mjs": "a\0b" })).toContain("must name a text: the file contains a NUL character");
    const padding = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i}.mjs`, " ".repeat(256 * 1024)]));
    expect(broken(padding)).toContain("a sweep's modules and policies must have at most 2097152 bytes together");
  });

  it("may stand in a control", () => {
    const controlled = text.replace(
      "{ kind: constant }",
      "{ kind: reseeded, schedule: { kind: module, path: ../fade.mjs, watches: nothing } }",
    );
    expect(moduleReferences(controlled).map(({ place }) => place.path)).toContain("schedules[0].schedule.path");
    expect(parseSweep(controlled, { modules }).schedules[0]?.schedule).toMatchObject({
      kind: "reseeded",
      schedule: { kind: "module", path: "fade.mjs", sha256: moduleHash(fade) },
    });
  });

  it("are in the ids of trials by their contents, not by their places", () => {
    const ids = (given: string, { sources, costs }: SweepModules) =>
      planTrials(parseSweep(given, { modules: { sources, costs } })).map(({ trialId }) => trialId);
    const before = ids(text, modules);
    const moved = { ...modules, sources: { "./bowl.mjs": bowl, "../fade.mjs": fade } };
    expect(ids(text.replace("./tasks/bowl.mjs", "./bowl.mjs"), moved)).toEqual(before);
    const edited = ids(text, { ...modules, sources: { ...modules.sources, "./tasks/bowl.mjs": `${bowl} ` } });
    expect(edited.map((id) => before.includes(id))).toEqual([true, true, false, false]);
  });

  it("travel with the cohorts whose specs name them", () => {
    const sweep = parseSweep(text, { modules });
    const cohorts = planCohorts(sweep.study, planTrials(sweep)).map((cohort) =>
      withModules(cohort, moduleTexts(modules)),
    );
    const carried = cohorts.map(({ trials, modules: texts = {} }) => [
      trials[0]?.task.kind,
      Object.values(texts).sort(),
    ]);
    expect(new Map(carried as [string, string[]][])).toEqual(
      new Map([
        ["quadratic", [fade]],
        ["module", [bowl, fade].sort()],
      ]),
    );
  });
});

describe("modules that cannot be planned", () => {
  it.each([
    {
      what: "a text that was not given",
      given: text,
      with: { ...modules, sources: { "../fade.mjs": fade } },
      says: ["sweep:4:27 tasks[1].path the text of the module ./tasks/bowl.mjs was not given with the sweep"],
    },
    {
      what: "a cost that was not given",
      given: text,
      with: { ...modules, costs: {} },
      says: ["sweep:4:27 tasks[1].path what the task costs was not given with the sweep"],
    },
    {
      what: "a path that an object has anyway",
      given: text.replace("./tasks/bowl.mjs", "toString"),
      says: [
        "sweep:4:27 tasks[1].path the text of the module toString was not given with the sweep",
        'sweep:4:27 tasks[1].path must be a path that ends with .mjs or .js, got "toString"',
      ],
    },
    {
      what: "a text that is too long",
      given: text,
      with: { ...modules, sources: { ...modules.sources, "../fade.mjs": "é".repeat(moduleLimits.bytes / 2 + 1) } },
      says: ["sweep:7:39 schedules[1].path must name a file of at most 262144 bytes, got 262146"],
    },
    {
      what: "a hash of the file's own",
      given: text.replace("options:", "sha256: abc, options:"),
      says: ["sweep:4:53 tasks[1].sha256 is no key here: Stride finds it"],
    },
    {
      what: "no path",
      given: text.replace("path: ./tasks/bowl.mjs, ", ""),
      says: ["sweep:4:5 tasks[1].path is missing: it must be a path that ends with .mjs or .js"],
    },
    {
      what: "no word on what is watched",
      given: text.replace(", watches: nothing", ""),
      says: ["sweep:7:5 schedules[1].watches is missing: it must be one of nothing, train, evaluation"],
    },
    {
      what: "another mistake beside it",
      given: text.replace("steps: 10", "steps: 0"),
      with: { ...modules, sources: { "./tasks/bowl.mjs": bowl } },
      says: [
        "sweep:7:39 schedules[1].path the text of the module ../fade.mjs was not given with the sweep",
        "sweep:10:8 steps must be a whole number from 1 to 10000000, got 0",
      ],
    },
    {
      what: "a warm-up before one",
      given: text.replace(
        "{ kind: constant }",
        "{ kind: warmup, steps: 2, schedule: { kind: module, path: ../fade.mjs } }",
      ),
      says: ["sweep:6:49 schedules[0].schedule.kind must be one of constant, step"],
    },
  ])("$what", ({ given, with: with_ = modules, says }) => {
    const found = issues(given, with_);
    expect(found).toHaveLength(says.length);
    for (const [index, start] of says.entries()) expect(found[index]?.startsWith(start), found[index]).toBe(true);
  });
});
