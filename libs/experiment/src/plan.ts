import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "./canonical-json.js";
import type { Split, Trial } from "./domain.js";
import { firstReportSeed } from "./sweep/schema.js";
import type { Sweep } from "./sweep.js";

/**
 * Every trial of a sweep, in a stable order: by task, optimizer, seed (tuning, then report), schedule and learning rate. A sweep
 * that grows keeps the ids of the trials it had.
 */
export function planTrials(sweep: Sweep): Trial[] {
  const { study, steps } = sweep;
  const seeds = [
    ...seedsOf("tuning", sweep.seeds.tuning, 0),
    ...seedsOf("report", sweep.seeds.report, firstReportSeed),
  ];
  return sweep.tasks.flatMap((task) =>
    sweep.optimizers.flatMap((optimizer) =>
      seeds.flatMap(({ seed, split }) =>
        sweep.schedules.flatMap(({ name: scheduleName, schedule }) =>
          sweep.learningRates.map((learningRate): Trial => {
            const evaluateEvery = sweep.evaluate.every;
            const trial = { task, optimizer, scheduleName, schedule, learningRate, seed, split, steps, evaluateEvery };
            return { trialId: trialId(study, trial), ...trial };
          }),
        ),
      ),
    ),
  );
}

function seedsOf(split: Split, count: number, first: number): { readonly seed: number; readonly split: Split }[] {
  return Array.from({ length: count }, (_, index) => ({ seed: first + index, split }));
}

/** A name for a trial's content within its study: equal content, equal id. Neither an integer nor with a colon, for BullMQ. */
export function trialId(studyName: string, trial: Omit<Trial, "trialId">): string {
  return `t${digest({ studyName, ...trial })}`;
}

/** A name for a cohort: these trials in this order. */
export function cohortId(trialIds: readonly string[]): string {
  return `c${digest(trialIds)}`;
}

/** 96 bits: among a billion ids two are equal with a probability of 1e-11. */
const hexDigits = 24;

function digest(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value)))).slice(0, hexDigits);
}
