import type { ConfigurationName } from "../queries/configuration-names.js";
import type { ScoreColumns } from "../queries/score-columns.js";
import { type ScoreVector, scoreVectors } from "./score-vectors.js";

/** One schedule's scores at one base learning rate. */
export interface RateScores {
  readonly learningRate: number;
  /** Whether rate and schedule parameters were drawn. */
  readonly drawn: boolean;
  readonly scores: ScoreVector;
}

/** One schedule's scores under one task, optimizer and noise, rates ascending. */
export interface ScheduleScores {
  readonly tuning: readonly RateScores[];
  readonly report: readonly RateScores[];
}

/** One task, optimizer and noise; schedules ascending by name. */
export interface ScoreGroup {
  readonly task: string;
  readonly optimizer: string;
  readonly noise: string;
  readonly schedules: ReadonlyMap<string, ScheduleScores>;
}

/**
 * Scores by task, optimizer and noise, each ascending: the order in which @stride/statistics adds up. A configuration without a
 * trial (they were submitted after the scores were read) is left out.
 */
export function scoreGroups(
  configurations: readonly ConfigurationName[],
  columns: readonly ScoreColumns[],
): readonly ScoreGroup[] {
  const vectors = {
    report: vectorsOf(columns, true),
    tuning: vectorsOf(columns, false),
  };
  const groups = new Map<string, Collected>();
  for (const configuration of [...configurations].sort(byName)) {
    const { configurationKey, task, optimizer, noise, schedule, learningRate, drawn } = configuration;
    const found = { tuning: vectors.tuning.get(configurationKey), report: vectors.report.get(configurationKey) };
    if (found.tuning === undefined && found.report === undefined) continue;
    const id = JSON.stringify([task, optimizer, noise]);
    const group = groups.get(id) ?? { task, optimizer, noise, schedules: new Map() };
    groups.set(id, group);
    const scores = group.schedules.get(schedule) ?? { tuning: [], report: [] };
    group.schedules.set(schedule, scores);
    for (const split of ["tuning", "report"] as const) {
      const vector = found[split];
      if (vector !== undefined) scores[split].push({ learningRate, drawn, scores: vector });
    }
  }
  return [...groups.values()];
}

/** A `ScoreGroup` that is being filled. */
interface Collected {
  readonly task: string;
  readonly optimizer: string;
  readonly noise: string;
  readonly schedules: Map<string, { readonly tuning: RateScores[]; readonly report: RateScores[] }>;
}

function vectorsOf(columns: readonly ScoreColumns[], report: boolean): ReadonlyMap<number, ScoreVector> {
  const found = columns.find((column) => column.report === report);
  return found === undefined ? new Map() : scoreVectors(found);
}

/** By code unit, and so the same in every locale. */
function byName(left: ConfigurationName, right: ConfigurationName): number {
  for (const key of ["task", "optimizer", "noise", "schedule"] as const) {
    if (left[key] !== right[key]) return left[key] < right[key] ? -1 : 1;
  }
  return left.learningRate - right.learningRate;
}
