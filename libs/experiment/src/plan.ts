import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "./canonical-json.js";
import type { Split, Trial } from "./domain.js";
import { firstReportSeed } from "./sweep/schema.js";
import type { Sweep } from "./sweep.js";

/** A trial but for its chance: a cell of the grid. */
type Configuration = Omit<Trial, "trialId" | "seed" | "split">;

/**
 * Every trial of a sweep, in a stable order: by task, optimizer, seed (tuning, then report), schedule and learning rate. A sweep
 * that grows keeps the ids of the trials it had.
 */
export function planTrials(sweep: Sweep): Trial[] {
  const seeds = [
    ...seedsOf("tuning", sweep.seeds.tuning, 0),
    ...seedsOf("report", sweep.seeds.report, firstReportSeed),
  ];
  return sweep.tasks.flatMap((task) =>
    sweep.optimizers.flatMap((optimizer) => {
      const configurations = configurationsOf(sweep, { task, optimizer }).map((configuration) => ({
        configuration,
        key: configurationKey(sweep.study, configuration),
      }));
      return seeds.flatMap((chance) =>
        configurations.map(({ configuration, key }) => ({ trialId: idOf(key, chance), ...configuration, ...chance })),
      );
    }),
  );
}

function configurationsOf(sweep: Sweep, problem: Pick<Trial, "task" | "optimizer">): Configuration[] {
  const { steps, evaluate, learningRates } = sweep;
  return sweep.schedules.flatMap(({ name: scheduleName, schedule }) =>
    learningRates.map((learningRate) => ({
      ...problem,
      scheduleName,
      schedule,
      learningRate,
      steps,
      evaluateEvery: evaluate.every,
    })),
  );
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
  return `c${digest(trialIds).slice(0, hexDigits)}`;
}

/** 96 bits: among a billion ids two are equal with a probability of 1e-11. */
const hexDigits = 24;

/** Seeds are many and configurations long, so each configuration is written out once. */
function configurationKey(studyName: string, configuration: Configuration): string {
  return digest({ studyName, ...configuration });
}

function idOf(key: string, { seed, split }: Chance): string {
  return `t${digest([key, split, seed]).slice(0, hexDigits)}`;
}

function digest(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}
