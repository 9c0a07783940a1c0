import { isGradientRule } from "@stride/optimizers/spec";
import { decisions } from "@stride/schedules/spec";
import { type TaskCost, taskCost } from "@stride/tasks/spec";
import { canonicalJson } from "./canonical-json.js";
import { controlled, isControl } from "./controls.js";
import type { Cohort, RateSpec, Trial } from "./domain.js";
import { cohortId } from "./plan.js";

/** Above this many trials a cohort gained nothing more. All three are measured: npm run bench -- cohorts. */
const widest = 64;
/** Floating-point operations of a whole cohort's step at which the cost of dispatching it has vanished. */
const operationsOfAFullStep = 64e6;
/** Bytes that a whole cohort's step moves at which it leaves the processor's caches. */
const bytesOfAFullStep = 6e6;

/**
 * How many trials of a task to train together: a constant of the plan, never of the machine. Wide for small steps, one for large
 * ones.
 */
export function cohortWidth({ flopsPerStep, bytesPerStep }: Pick<TaskCost, "flopsPerStep" | "bytesPerStep">): number {
  const width = Math.min(widest, operationsOfAFullStep / flopsPerStep, bytesOfAFullStep / bytesPerStep);
  return Math.max(1, Math.floor(width));
}

/**
 * Puts each trial into one cohort.
 *
 * Members share task, optimizer, noise, stability, steps and evaluateEvery, and their rules decide at the same steps: open-loop rules are
 * together, closed-loop ones with those that watch the same signal as often, and one that works on gradients with its like. A cohort holds trials of one seed where there are
 * enough of them to fill half of it, so that its batches are gathered once; else whole seeds are put together.
 *
 * Cohorts come in an order in which every part of the study advances at the same pace, seeds of both splits in turn; at equal
 * pace the longest-running goes first. So results that are not all there yet are balanced, and nothing long starts last.
 */
export function planCohorts(studyName: string, trials: readonly Trial[]): Cohort[] {
  const groups = [...groupBy(trials, groupKeys()).values()];
  return groups
    .flatMap((group) => {
      const cohorts = chunks(group).map((members) => cohortOf(studyName, members));
      const work = costOf(group) * (cohorts[0]?.trials.length ?? 0);
      return cohorts.map((cohort, index) => ({ cohort, work, pace: (index + 0.5) / cohorts.length }));
    })
    .sort((left, right) => left.pace - right.pace || right.work - left.work)
    .map(({ cohort }) => cohort);
}

function cohortOf(studyName: string, trials: readonly Trial[]): Cohort {
  return { cohortId: cohortId(trials.map((trial) => trial.trialId)), studyName, trials };
}

/** What members of one cohort have in common, as a text. Many trials share a spec, so each spec is written out once. */
function groupKeys(): (trial: Trial) => string {
  const texts = new Map<object, string>();
  const textOf = <Spec extends object>(spec: Spec, value: (spec: Spec) => unknown): string => {
    const text = texts.get(spec) ?? canonicalJson(value(spec));
    texts.set(spec, text);
    return text;
  };
  return ({ task, optimizer, schedule, noise, stability, steps, evaluateEvery }) =>
    [
      textOf(task, (spec) => spec),
      textOf(optimizer, (spec) => spec),
      textOf(schedule, programOrDecisions),
      noise === undefined ? "" : canonicalJson(noise),
      stability === undefined ? "" : canonicalJson(stability),
      steps,
      evaluateEvery,
    ].join(" ");
}

/** A rule that works on gradients is part of the program, and a control trains apart; of the others it counts when they decide. */
function programOrDecisions(schedule: RateSpec): unknown {
  if (isGradientRule(schedule)) return schedule;
  return isControl(schedule) ? [schedule.kind, decisions(controlled(schedule))] : decisions(schedule);
}

/** Operations of one trial. */
function costOf([first]: readonly Trial[]): number {
  return first === undefined ? 0 : first.steps * taskCost(first.task).flopsPerStep;
}

/** One group's trials, cut into cohorts. */
function chunks(group: readonly Trial[]): (readonly Trial[])[] {
  const first = group[0];
  if (first === undefined) return [];
  const width = cohortWidth(taskCost(first.task));
  const seeds = bySeedInTurn(group);
  const largest = Math.max(...seeds.map((seed) => seed.length));
  if (2 * largest > width) return seeds.flatMap((seed) => evenParts(seed, Math.ceil(seed.length / width)));
  const seedsTogether = Math.floor(width / largest);
  return evenParts(seeds, Math.ceil(seeds.length / seedsTogether)).map((some) => some.flat());
}

/** A group's trials by seed: the first tuning seed, the first report seed, the second tuning seed, … */
function bySeedInTurn(group: readonly Trial[]): (readonly Trial[])[] {
  const seeds = [...groupBy(group, ({ split, seed }) => `${split} ${seed}`).values()];
  const ranks = { tuning: 0, report: 0 };
  return seeds
    .sort(([left], [right]) => (left?.seed ?? 0) - (right?.seed ?? 0))
    .map((trials) => {
      const split = trials[0]?.split ?? "report";
      ranks[split] += 1;
      return { trials, rank: ranks[split], split };
    })
    .sort(
      (left, right) => left.rank - right.rank || (left.split === "tuning" ? 0 : 1) - (right.split === "tuning" ? 0 : 1),
    )
    .map(({ trials }) => trials);
}

/** Consecutive parts whose lengths differ by one at most. */
function evenParts<Item>(items: readonly Item[], parts: number): (readonly Item[])[] {
  const at = (part: number) => Math.round((part * items.length) / parts);
  return Array.from({ length: parts }, (_, part) => items.slice(at(part), at(part + 1)));
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
