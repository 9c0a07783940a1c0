import {
  type Cohort,
  type ControlSpec,
  controlled,
  isControl,
  type RateSpec,
  shadowSeeds,
  type TrainingReport,
  type Trial,
} from "@stride/experiment";

/** A trial with a schedule that is no control. */
export type TrainedTrial = Omit<Trial, "schedule"> & { readonly schedule: Exclude<RateSpec, ControlSpec> };

/** The trial that is trained in place of one whose schedule is a control: the control says how, its schedule what. */
export function asTrained(trial: Trial): TrainedTrial {
  const { schedule } = trial;
  if (!isControl(schedule)) return { ...trial, schedule };
  const bare = { ...trial, schedule: controlled(schedule) };
  return schedule.kind === "reseeded" ? shadowOf(bare) : bare;
}

/** Whose rates a cohort's replays replay: its own trials from other random numbers; undefined when it has no replays. */
export function shadowCohort(cohort: Cohort): Cohort | undefined {
  const trials = cohort.trials.filter(isReplay).map((trial) => shadowOf(asTrained(trial)));
  return trials.length === 0 ? undefined : { ...cohort, cohortId: `${cohort.cohortId}-shadow`, trials };
}

export function isReplay({ schedule }: Trial): boolean {
  return schedule.kind === "replay";
}

function shadowOf(trial: TrainedTrial): TrainedTrial {
  return { ...trial, seed: trial.seed + shadowSeeds };
}

/** What a shadow training took and cost. */
export interface Shadow {
  /** The rate of a step; the last one, from where the shadow diverged. */
  rateAt(step: number): number;
  readonly forwardPasses: number;
  readonly backwardPasses: number;
}

/** The shadows of a cohort by the trial's id, from all of its reports. */
export function shadowsOf(reports: readonly TrainingReport[]): ReadonlyMap<string, Shadow> {
  const rates = new Map<string, number[]>();
  for (const { trialId, learningRates } of reports.flatMap(({ chunks }) => chunks)) {
    const taken = rates.get(trialId) ?? [];
    for (const rate of learningRates) taken.push(rate);
    rates.set(trialId, taken);
  }
  const results = reports.at(-1)?.results ?? [];
  return new Map(
    results.map(({ trialId, forwardPasses, backwardPasses }) => {
      const taken = rates.get(trialId) ?? [];
      const rateAt = (step: number) => taken[Math.min(step, taken.length - 1)] ?? 0;
      return [trialId, { rateAt, forwardPasses, backwardPasses }];
    }),
  );
}
