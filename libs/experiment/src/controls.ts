import { decisions, type ScheduleKind, type ScheduleSpec, scheduleSpecSchema } from "@stride/schedules/spec";
import { z } from "zod";

/**
 * Controls: a schedule under other chance than its seed's. `reseeded` trains it from other random numbers throughout, so that its pairs
 * with the schedule itself are no pairs: a comparison of both must find nothing (A/A). `replay` first trains it from other random numbers, and
 * then trains with the rates that it took there, whatever happens: as good as the schedule itself, if it gains nothing from watching.
 */
const reseededSchema = z.strictObject({
  kind: z.literal("reseeded"),
  schedule: scheduleSpecSchema.meta({ title: "a schedule like { kind: constant }" }),
});

const replaySchema = z
  .strictObject({
    kind: z.literal("replay"),
    schedule: scheduleSpecSchema.meta({ title: "a schedule that watches the training, like { kind: greedy }" }),
  })
  .refine(({ schedule }) => decisions(schedule).kind === "closed-loop", {
    path: ["schedule"],
    error: "must watch the training: the rates of any other schedule are the same in every run",
  });

export const controlSchema = z.discriminatedUnion("kind", [reseededSchema, replaySchema]);
export type ControlSpec = z.infer<typeof controlSchema>;

/** Seeds of the shadow trainings of controls begin here, far above those of tuning and report. */
export const shadowSeeds = 1_000_000_000;

export function isControl(spec: { readonly kind: string }): spec is ControlSpec {
  return spec.kind === "reseeded" || spec.kind === "replay";
}

/** The schedule inside of a control. */
export function controlled({ schedule }: ControlSpec): ScheduleSpec {
  return schedule;
}

const scheduleParameter = {
  name: "schedule",
  description: "the schedule, as it would stand alone",
  unit: "",
  default: undefined,
};

/** Controls as a listing shows them. */
export const controlKinds: readonly ScheduleKind[] = [
  {
    kind: "reseeded",
    description: "A control: a schedule trained from other random numbers than its seed's (A/A)",
    source: "Stride",
    parameters: [scheduleParameter],
  },
  {
    kind: "replay",
    description: "A control: the rates that a watching schedule took in another run, replayed without watching",
    source: "Stride",
    parameters: [scheduleParameter],
  },
];
