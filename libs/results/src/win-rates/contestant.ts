import type { View } from "@stride/statistics";
import type { RateScores, ScheduleScores } from "./score-groups.js";
import type { ScoreVector } from "./score-vectors.js";
import { scoresAtRate } from "./tuned-scores.js";

/**
 * A schedule's report scores under one task, optimizer and noise: at each rate of the grid, and at its chosen rate if anything was
 * tuned.
 */
export interface Contestant {
  readonly fixed: readonly RateScores[];
  readonly tuned: ScoreVector | undefined;
}

/** `chosen` is null when no rate is eligible, undefined when there are no tuning trials. */
export function contestant(scores: ScheduleScores, chosen: number | null | undefined): Contestant {
  // A draw differs in more than its rate: at an equal one it would be compared with something else.
  const fixed = scores.report.filter(({ drawn }) => !drawn);
  return { fixed, tuned: chosen === undefined ? undefined : scoresAtRate(scores, chosen) };
}

/** Two schedules under one condition. `learningRate` is null in the tuned view. */
export interface Meeting {
  readonly view: View;
  readonly learningRate: number | null;
  readonly challenger: ScoreVector;
  readonly baseline: ScoreVector;
}

/** The conditions both took part in: one a rate, ascending, then the tuned one. */
export function meetings(challenger: Contestant, baseline: Contestant): readonly Meeting[] {
  const found: Meeting[] = [];
  const others = new Map(baseline.fixed.map(({ learningRate, scores }) => [learningRate, scores]));
  for (const { learningRate, scores } of challenger.fixed) {
    const other = others.get(learningRate);
    if (other !== undefined) found.push({ view: "fixed", learningRate, challenger: scores, baseline: other });
  }
  if (challenger.tuned !== undefined && baseline.tuned !== undefined) {
    found.push({ view: "tuned", learningRate: null, challenger: challenger.tuned, baseline: baseline.tuned });
  }
  return found;
}
