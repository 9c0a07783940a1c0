import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "./canonical-json.js";
import type { Split, Trial } from "./domain.js";
import { drawConfigurations } from "./random-search.js";
import { rateSpecSchema } from "./schemas.js";
import { applies, type NamedSchedule, type Problem, problemsOf, type Sweep } from "./sweep/grid.js";
import { firstReportSeed } from "./sweep/schema.js";

/** A trial but for its chance: a cell of the grid. */
type Configuration = Omit<Trial, "trialId" | "seed" | "split">;

/**
 * Every trial of a sweep, in a stable order: by task, optimizer, noise, seed (tuning, then report), schedule and learning rate; draws of
 * a random search come after the grid. A sweep that grows keeps the ids of the trials it had.
 */
export function planTrials(sweep: Sweep): Trial[] {
  const seeds = [
    ...seedsOf("tuning", sweep.seeds.tuning, 0),
    ...seedsOf("report", sweep.seeds.report, firstReportSeed),
  ];
  const settings = sweep.schedules.map((named) => ({ named, settings: settingsOf(sweep, named) }));
  return problemsOf(sweep).flatMap((problem) => {
    const configurations = settings
      .filter(({ named }) => applies(sweep, named, problem))
      .flatMap((each) => each.settings)
      .map((setting) => configurationOf(sweep, problem, setting))
      .map((configuration) => ({ configuration, key: configurationKey(sweep.study, configuration) }));
    return seeds.flatMap((chance) =>
      configurations.map(({ configuration, key }) => ({ trialId: idOf(key, chance), ...configuration, ...chance })),
    );
  });
}

/** A schedule at a rate. */
type Setting = Pick<Trial, "scheduleName" | "schedule" | "stability" | "learningRate" | "drawn">;

/** One for each rate of the grid, and one for each draw of the search. */
function settingsOf(
  { learningRates, search }: Sweep,
  { name: scheduleName, schedule, stability, search: ranges }: NamedSchedule,
): Setting[] {
  const same = { scheduleName, ...(stability === undefined ? {} : { stability }) };
  const grid = learningRates.map((learningRate) => ({ ...same, schedule, learningRate }));
  if (search === undefined) return grid;
  const draws = drawConfigurations({
    search,
    name: scheduleName,
    schedule,
    ranges: ranges ?? {},
    taken: learningRates,
    parse: (spec) => rateSpecSchema.parse(spec),
  });
  return [...grid, ...draws.map((draw) => ({ ...same, ...draw, drawn: true as const }))];
}

function configurationOf({ steps, evaluate }: Sweep, problem: Problem, setting: Setting): Configuration {
  return { ...problem, ...setting, steps, evaluateEvery: evaluate.every };
}

interface Chance {
  readonly seed: number;
  readonly split: Split;
}

function seedsOf(split: Split, count: number, first: number): Chance[] {
  return Array.from({ length: count }, (_, index) => ({ seed: first + index, split }));
}

/** A name for a trial's content within its study: equal content, equal id. Neither an integer nor with a colon, for BullMQ. */
export function trialId(studyName: string, { seed, split, ...configuration }: Omit<Trial, "trialId">): string {
  return idOf(configurationKey(studyName, configuration), { seed, split });
}

/** A name for a cohort: these trials in this order. */
export function cohortId(trialIds: readonly string[]): string {
  return contentId("c", trialIds);
}

/** A name for any content: equal content, equal id. */
export function contentId(prefix: string, content: unknown): string {
  return `${prefix}${digest(content).slice(0, hexDigits)}`;
}

/** 96 bits: among a billion ids two are equal with a probability of 1e-11. */
const hexDigits = 24;

/** Seeds are many and configurations long, so each configuration is written out once. */
function configurationKey(studyName: string, configuration: Configuration): string {
  return digest({ studyName, ...configuration });
}

function idOf(key: string, { seed, split }: Chance): string {
  return contentId("t", [key, split, seed]);
}

function digest(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}
