import type { AgentSweep } from "./sweep.js";

/** What stands for the learned policy in the comparison of an agent's sweep file. */
export const learnedPolicy = "learned";

/** The name of the study that the comparison is. */
export function comparisonStudy({ study }: Pick<AgentSweep, "study">): string {
  return `${study}-comparison`;
}

/**
 * The comparison of an agent's sweep as an ordinary sweep file, named `<study>-comparison`, where `policy: learned` is this version. Tasks,
 * optimizers, steps and evaluations are the agent's unless the comparison gives its own. Undefined where the sweep has none.
 */
export function comparisonSource(sweep: AgentSweep, version: number): string | undefined {
  const { policy, tasks, optimizer, environment, comparison } = sweep;
  if (comparison === undefined) return undefined;
  const file = {
    study: comparisonStudy(sweep),
    tasks: tasks.test,
    optimizers: [optimizer],
    steps: environment.steps,
    evaluate: { every: environment.every },
    ...comparison,
  };
  // JSON is YAML.
  return JSON.stringify(withPolicy(file, `${policy}@${version}`), null, 2);
}

/** The value with each schedule `{ kind: policy, policy: learned }` naming this policy, also inside of a control. */
function withPolicy(value: unknown, reference: string): unknown {
  if (Array.isArray(value)) return value.map((each) => withPolicy(each, reference));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, withPolicy(each, reference)] as const);
  const changed = Object.fromEntries(entries);
  return changed.kind === "policy" && changed.policy === learnedPolicy ? { ...changed, policy: reference } : changed;
}
