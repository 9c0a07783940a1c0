import { isGradientRule, type OptimizerSpec, optimizerLabel } from "@stride/optimizers/spec";
import { type TaskSpec, taskLabel, taskTraits } from "@stride/tasks/spec";
import { applies, type NamedSchedule, type Sweep } from "./grid.js";
import type { Issue } from "./issue.js";

/** A stability bound is one of plain gradient steps on a task that has one, at a rate that is the schedule's to give. */
export function senselessStability(sweep: Sweep, named: NamedSchedule, index: number): Issue[] {
  const { schedule, stability } = named;
  if (stability === undefined) return [];
  const refused = (message: string): Issue => ({ path: ["schedules", index], message });
  if (isGradientRule(schedule)) {
    return [
      refused(`cannot have a stability bound: ${schedule.kind} sets its rates from gradients; leave it out here`),
    ];
  }
  if (schedule.kind === "replay" && (stability.clip || stability.start)) {
    const way = "leave clip and start out here";
    return [
      refused(
        `cannot be clipped to a stability bound or start at it: replay takes another run's rates, whatever happens; ${way}`,
      ),
    ];
  }
  const met = { tasks: new Set<TaskSpec>(), optimizers: new Set<OptimizerSpec>() };
  for (const task of sweep.tasks) {
    for (const optimizer of sweep.optimizers) {
      if (!applies(sweep, named, { task, optimizer })) continue;
      met.tasks.add(task);
      met.optimizers.add(optimizer);
    }
  }
  return [
    ...refusals([...met.tasks], {
      field: "tasks",
      fits: (task) => taskTraits(task).stabilityBound,
      label: taskLabel,
      reason: (labels) => `has no stability bound on ${labels}: tasks of kind nmf alone have one`,
    }),
    ...refusals([...met.optimizers], {
      field: "optimizers",
      fits: isPlain,
      label: optimizerLabel,
      reason: (labels) => `has no stability bound with ${labels}: it is that of sgd without momentum and weight decay`,
    }),
  ].map(refused);
}

function isPlain(optimizer: OptimizerSpec): boolean {
  return optimizer.kind === "sgd" && optimizer.momentum === 0 && optimizer.weightDecay === 0;
}

interface Fitting<Spec> {
  readonly field: "tasks" | "optimizers";
  fits(spec: Spec): boolean;
  label(spec: Spec): string;
  reason(labels: string): string;
}

/** At most one message, with the way out. */
function refusals<Spec>(met: readonly Spec[], { field, fits, label, reason }: Fitting<Spec>): string[] {
  const unfit = met.filter((spec) => !fits(spec));
  if (unfit.length === 0) return [];
  const rest = met.filter(fits).map(label);
  const way =
    rest.length === 0
      ? `name others among ${field}, or leave it out here`
      : `keep it to others with only: { ${field}: [${rest.join(", ")}] }`;
  return [`${reason(unfit.map(label).join(", "))}; ${way}`];
}
