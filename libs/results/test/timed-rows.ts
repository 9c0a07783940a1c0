import type { ResultStore, TrialRow } from "@stride/experiment";
import { type Target, timeToTarget, tunedRates } from "@stride/statistics";

export interface TimedRow extends TrialRow {
  readonly stepsToTarget: number | null;
  readonly passesToTarget: number | null;
}

export interface TimingOptions {
  readonly target: Target;
  readonly baseline: string;
}

/** A study's trials with their times to a target, from what the store lists of them. */
export async function timedRows(
  store: ResultStore,
  studyName: string,
  { target, baseline }: TimingOptions,
): Promise<readonly TimedRow[]> {
  const [rows, curves] = [await store.trials(studyName), await store.curves(studyName, {})];
  const evaluations = new Map(curves.map((curve) => [curve.trialId, curve.evaluations]));
  const condition = (row: Pick<TrialRow, "task" | "optimizer" | "noise">) =>
    `${row.task} ${row.optimizer} ${row.noise}`;
  const means = new Map(
    tunedRates(rows, "finalEvaluationLoss")
      .filter(({ schedule }) => schedule === baseline)
      .map((rate) => [condition(rate), rate.tuningMean]),
  );
  return rows.map((row) => {
    const loss = target === "baseline" ? (means.get(condition(row)) ?? null) : target;
    if (loss === null) return { ...row, stepsToTarget: null, passesToTarget: null };
    return { ...row, ...timeToTarget({ ...row, evaluations: evaluations.get(row.trialId) ?? [] }, loss) };
  });
}
