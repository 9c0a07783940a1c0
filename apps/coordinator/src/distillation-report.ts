import type { Distillation, Distilled } from "@stride/agents/distill";
import { type ScheduleSpec, scheduleSpecSchema } from "@stride/schedules/spec";
import { formatTable } from "./output.js";

export interface DistillationReport {
  /** NAME@VERSION. */
  readonly reference: string;
  readonly study: string;
  readonly schedule: string;
  readonly distillation: Distillation;
}

/** What a policy comes down to, for people: how much each rule explains, what that means, and the rules as a sweep file takes them. */
export function formatDistillation({ reference, study, schedule, distillation }: DistillationReport): string {
  const { greedy, greedyWithin, table, defaultGreedy, curves } = distillation;
  const row = (rule: string, { fitted, leftOut }: Pick<Distilled, "fitted" | "leftOut">) => ({
    rule,
    fitted: rounded(fitted),
    leftOut: rounded(leftOut),
  });
  const rows = [
    row("GreedyLR as it comes", defaultGreedy),
    row("GreedyLR, fitted", greedy),
    row("GreedyLR, fitted with limits", greedyWithin),
    ...(table === undefined ? [] : [row("decision table", table)]),
  ];
  return [
    `${reference} in ${study} (${schedule}): ${curves.fitted} trainings fitted to, ${curves.leftOut} left out`,
    formatTable(rows, { fitted: "explained, fitted", leftOut: "explained, left out" }),
    `Explained: how much of what the policy did to the rate a rule does too, had it seen the same losses. 1: the same rates;\n` +
      `0: no more than leaving the rate alone, below 0: less. ${verdict(distillation)}`,
    `Whether a rule also trains as well, a sweep says. Its schedules:\n\n${distilledYaml(distillation)}`,
  ].join("\n\n");
}

const rounded = (value: number | null) => (value === null ? null : Number(value.toFixed(3)));

/** Which rule explains most on the trainings left out, in words. */
export function verdict({ greedy, greedyWithin, table }: Distillation): string {
  if (table === undefined) return "The policy never decided: there is no table of it.";
  const scores = [greedy.leftOut, greedyWithin.leftOut, table.leftOut];
  const [free, within, tabled] = scores.map((score) => score?.toFixed(2));
  if (free === undefined || within === undefined || tabled === undefined) {
    return "The policy left the rate alone in the trainings left out: there is nothing to explain.";
  }
  const more = Number(tabled) > Number(free) ? "more" : "no more";
  return (
    `On the trainings left out\nthe decision table explains ${more} than GreedyLR: ${tabled} against ${free}. With limits fitted too GreedyLR explains ` +
    `${within}:\nthey are rates, and so of these tasks; the other two rules know no scale but through the first rate.`
  );
}

/** The fitted rules as entries of a sweep file's `schedules`. */
export function distilledYaml({
  greedy,
  greedyWithin,
  table,
}: Pick<Distillation, "greedy" | "greedyWithin" | "table">): string {
  return [
    entry("distilled", greedy.schedule),
    entry("distilled with limits", greedyWithin.schedule),
    ...(table === undefined ? [] : [entry("distilled table", table.schedule)]),
  ].join("\n");
}

const widest = 118;

/** On one line where it fits, else one key a line, and a table one row a line. */
function entry(name: string, schedule: ScheduleSpec): string {
  const fields = Object.entries({ name, ...withoutDefaults(schedule) }).map(([key, value]) => ({ key, value }));
  const line = `  - { ${fields.map(({ key, value }) => `${key}: ${flow(value)}`).join(", ")} }`;
  if (line.length <= widest) return line;
  return fields.map(({ key, value }, i) => `  ${i === 0 ? "-" : " "} ${key}:${block(value)}`).join("\n");
}

function block(value: unknown): string {
  if (!Array.isArray(value) || !value.every(Array.isArray)) return ` ${flow(value)}`;
  return value.map((row) => `\n      - ${flow(row)}`).join("");
}

/** Names and kinds have nothing that YAML would read otherwise. */
function flow(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(flow).join(", ")}]` : String(value);
}

/** What a sweep file needs to say: parsed, it is the same schedule. Fields are left out one after the other, as defaults may hang on others. */
function withoutDefaults(schedule: ScheduleSpec): Readonly<Record<string, unknown>> {
  const whole = JSON.stringify(sorted(schedule));
  let kept: Readonly<Record<string, unknown>> = { ...schedule };
  for (const key of Object.keys(schedule)) {
    const { [key]: _, ...others } = kept;
    const parsed = scheduleSpecSchema.safeParse(others);
    if (parsed.success && JSON.stringify(sorted(parsed.data)) === whole) kept = others;
  }
  return kept;
}

function sorted(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
}
