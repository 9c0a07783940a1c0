import { isGradientRule, optimizerLabel, refusal } from "@stride/optimizers/spec";
import { taskLabel, taskTraits } from "@stride/tasks/spec";
import { noiseLabel } from "../noise.js";
import { endsOf } from "../random-search.js";
import { rateSpecSchema } from "../schemas.js";
import { applies, type NamedSchedule, noisesOf, type Sweep } from "./grid.js";
import type { Issue } from "./issue.js";
import { senselessStability } from "./stability-combinations.js";

/** Combinations that make no sense, each with the reason and the way out. */
export function senselessCombinations(sweep: Sweep): Issue[] {
  return [
    ...sweep.schedules.flatMap((named, index) => [
      ...unmatchedNames(sweep, named, index),
      ...refusedOptimizers(sweep, named, index),
      ...senselessStability(sweep, named, index),
      ...unusableRanges(sweep, named, index),
    ]),
    ...idleNoises(sweep),
  ];
}

function unmatchedNames({ tasks, optimizers }: Sweep, { only = {} }: NamedSchedule, index: number): Issue[] {
  const known = {
    tasks: tasks.flatMap((task) => [task.kind, taskLabel(task)]),
    optimizers: optimizers.flatMap((optimizer) => [optimizer.kind, optimizerLabel(optimizer)]),
  };
  return (["tasks", "optimizers"] as const).flatMap((field) =>
    (only[field] ?? []).flatMap((name, place) => {
      const names: readonly string[] = known[field];
      if (names.includes(name)) return [];
      const allowed = [...new Set(names)].join(", ");
      return [
        {
          path: ["schedules", index, "only", field, place],
          message: `must be one of ${allowed}, got ${JSON.stringify(name)}`,
        },
      ];
    }),
  );
}

function refusedOptimizers(sweep: Sweep, named: NamedSchedule, index: number): Issue[] {
  const { schedule } = named;
  if (!isGradientRule(schedule)) return [];
  const met = sweep.optimizers.filter((optimizer) =>
    sweep.tasks.some((task) => applies(sweep, named, { task, optimizer })),
  );
  return met.flatMap((optimizer) => {
    const reason = refusal(schedule, optimizer);
    if (reason === undefined) return [];
    const willing = sweep.optimizers.filter((other) => refusal(schedule, other) === undefined).map(optimizerLabel);
    const way =
      willing.length === 0
        ? "name an optimizer that it steers"
        : `keep it to others with only: { optimizers: [${willing.join(", ")}] }`;
    return [
      {
        path: ["schedules", index],
        message: `cannot be combined with ${optimizerLabel(optimizer)}: ${reason}; ${way}`,
      },
    ];
  });
}

/** Both ends of a range, or each of its values, must be what the schedule takes. */
function unusableRanges(sweep: Sweep, { schedule, search = {} }: NamedSchedule, index: number): Issue[] {
  const at = (parameter: string) => ["schedules", index, "search", parameter];
  if (sweep.search === undefined && Object.keys(search).length > 0) {
    return [{ path: ["schedules", index, "search"], message: "needs search: { draws: … } beside the schedules" }];
  }
  return Object.entries(search).flatMap(([parameter, range]) => {
    const faults = endsOf(range).flatMap((value) => {
      const parsed = rateSpecSchema.safeParse({ ...schedule, [parameter]: value });
      if (parsed.success) return [];
      const [issue] = parsed.error.issues;
      const what =
        issue?.code === "unrecognized_keys"
          ? `${schedule.kind} has no ${parameter}`
          : `${value}: ${issue?.message ?? "refused"}`;
      return [{ path: at(parameter), message: `must be what ${schedule.kind} takes: ${what}` }];
    });
    return faults.slice(0, 1);
  });
}

/** A noise must have something to act on, on every task. */
function idleNoises(sweep: Sweep): Issue[] {
  return noisesOf(sweep).flatMap((each, index) => {
    if (each?.kind !== "labels" && each?.kind !== "inputs") return [];
    const without = sweep.tasks.filter((task) => !taskTraits(task)[each.kind]).map(taskLabel);
    if (without.length === 0) return [];
    const message = `${noiseLabel(each)} finds no ${each.kind} on ${without.join(", ")}: put these tasks into another sweep`;
    return [{ path: ["noise", index], message }];
  });
}
