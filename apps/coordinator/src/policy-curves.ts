import type { PolicyCurve } from "@stride/agents/distill";
import { InvalidArgument, type TrialRow } from "@stride/experiment";
import { z } from "zod";
import type { StrideLaboratory } from "./connection.js";

const storedSweepSchema = z.object({
  steps: z.number(),
  schedules: z.array(z.object({ name: z.string(), schedule: z.looseObject({ kind: z.string() }) })),
});
type StoredSweep = z.infer<typeof storedSweepSchema>;

/** Trainings that are distilled at most: more of them take longer and say hardly more. */
export const mostCurves = 48;

export interface PolicyCurvesOptions {
  readonly study: string;
  /** NAME@VERSION, for messages. */
  readonly reference: string;
  /** SHA-256 of the policy's canonical JSON: by it the study's schedules are known, however they name it. */
  readonly sha256: string;
  readonly every: number;
  /** Name of the schedule; left out: the only one that is the policy. */
  readonly schedule?: string;
}

export interface PolicyCurves {
  readonly schedule: string;
  readonly curves: readonly PolicyCurve[];
}

/** What a policy did in the trials of a study: those with a decision, of tuning and report seeds alike, evenly chosen if there are many. */
export async function policyCurves(laboratory: StrideLaboratory, options: PolicyCurvesOptions): Promise<PolicyCurves> {
  const { study, every } = options;
  const { sweep } = await laboratory.study(study);
  const parsed = storedSweepSchema.safeParse(sweep);
  if (!parsed.success) {
    throw new InvalidArgument(
      `the study ${study} has no schedules: it is an agent's; what came out of it was compared in ${study}-comparison`,
    );
  }
  const schedule = scheduleOf(parsed.data, options);
  const rows: TrialRow[] = [];
  for await (const row of laboratory.trials(study)) {
    const ended = row.outcome === "completed" || row.outcome === "diverged";
    if (row.schedule === schedule && ended && row.steps > every) rows.push(row);
  }
  const trialIds = evenly(rows.sort(inOrder), mostCurves).map(({ trialId }) => trialId);
  const curves: PolicyCurve[] = [];
  // No ids would mean all.
  const found = trialIds.length === 0 ? [] : laboratory.curves(study, { trialIds });
  for await (const { trainingLosses, seenLosses, learningRates } of found) {
    const baseRate = learningRates[0];
    // A bound may hold a rate to 0, of which there is no logarithm.
    if (baseRate === undefined || learningRates.some((rate) => !(rate > 0))) continue;
    curves.push({ losses: seenLosses ?? trainingLosses, learningRates, baseRate, steps: parsed.data.steps });
  }
  if (curves.length >= 2) return { schedule, curves };
  throw new InvalidArgument(
    `the study ${study} has ${curves.length} ended trials of ${schedule} in which ${options.reference} decided; it takes 2 at least`,
  );
}

function scheduleOf({ schedules }: StoredSweep, { study, reference, sha256, schedule }: PolicyCurvesOptions): string {
  const of = schedules.filter(({ schedule }) => schedule.kind === "policy" && schedule.sha256 === sha256);
  const names = of.map(({ name }) => name);
  if (names.length === 0) {
    const all = schedules.map((each) => `${each.name} (${describe(each)})`).join(", ");
    throw new InvalidArgument(`no schedule of the study ${study} is the policy ${reference}; there are ${all}`);
  }
  if (schedule !== undefined && !names.includes(schedule)) {
    throw new InvalidArgument(
      `--schedule must be one that is the policy ${reference}: ${names.join(", ")}; got ${schedule}`,
    );
  }
  if (schedule === undefined && names.length > 1) {
    throw new InvalidArgument(
      `${names.length} schedules of the study ${study} are that policy: give --schedule, one of ${names.join(", ")}`,
    );
  }
  return schedule ?? (names[0] as string);
}

function describe({ schedule }: StoredSweep["schedules"][number]): string {
  return schedule.kind === "policy" ? String(schedule.policy) : schedule.kind;
}

/** The order does not hang on the database's. */
function inOrder(left: TrialRow, right: TrialRow): number {
  return (
    compared(left.task, right.task) ||
    left.learningRate - right.learningRate ||
    left.seed - right.seed ||
    compared(left.trialId, right.trialId)
  );
}

const compared = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);

/** So many of the entries, at even distances. */
export function evenly<Entry>(entries: readonly Entry[], most: number): Entry[] {
  if (entries.length <= most) return [...entries];
  return Array.from({ length: most }, (_, i) => entries[Math.floor(((i + 0.5) * entries.length) / most)] as Entry);
}
