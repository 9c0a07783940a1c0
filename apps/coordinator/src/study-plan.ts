import {
  type Cohort,
  controlled,
  isControl,
  moduleTexts,
  parseSweep,
  planCohorts,
  planTrials,
  type Submission,
  type Sweep,
  type Trial,
  withModules,
} from "@stride/experiment";
import { isGradientRule } from "@stride/optimizers/spec";
import { warnings as scheduleWarnings } from "@stride/schedules/spec";

/** A sweep file, parsed and planned. */
export interface StudyPlan {
  readonly sweep: Sweep;
  readonly trials: readonly Trial[];
  /** Cohorts of the trials that are not known yet. */
  readonly cohorts: readonly Cohort[];
  readonly existing: number;
  readonly warnings: readonly string[];
}

/** Parses a sweep and plans what is new in it. Throws InvalidSweepFile. */
export async function planStudy(
  { source, file, modules }: Submission,
  known: (studyName: string) => Promise<ReadonlySet<string>>,
): Promise<StudyPlan> {
  const sweep = parseSweep(source, { file, ...(modules === undefined ? {} : { modules }) });
  const trials = planTrials(sweep);
  const knownIds = await known(sweep.study);
  const added = trials.filter((trial) => !knownIds.has(trial.trialId));
  const warnings = new Set<string>();
  for (const trial of trials) {
    const schedule = isControl(trial.schedule) ? controlled(trial.schedule) : trial.schedule;
    if (isGradientRule(schedule)) continue;
    for (const warning of scheduleWarnings(schedule, { learningRate: trial.learningRate, steps: trial.steps })) {
      warnings.add(`schedule ${trial.scheduleName}: ${warning}`);
    }
  }
  const cohorts = planCohorts(sweep.study, added);
  const texts = modules === undefined ? undefined : moduleTexts(modules);
  return {
    sweep,
    trials,
    cohorts: texts === undefined ? cohorts : cohorts.map((cohort) => withModules(cohort, texts)),
    existing: trials.length - added.length,
    warnings: merged(warnings),
  };
}

/** Of warnings that differ in their numbers alone the first one, and how many more there are. */
function merged(warnings: Iterable<string>): string[] {
  const kinds = new Map<string, string[]>();
  for (const warning of warnings) {
    const kind = warning.replace(/\d[\d.e+-]*/g, "#");
    kinds.set(kind, [...(kinds.get(kind) ?? []), warning]);
  }
  return [...kinds.values()].map(([first, ...others]) =>
    others.length === 0 ? (first as string) : `${first} (and ${others.length} more like this, with other numbers)`,
  );
}
