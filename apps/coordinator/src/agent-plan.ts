import {
  type AgentEstimate,
  type AgentSweep,
  agentEstimate,
  comparisonSource,
  type Estimate,
  estimate,
} from "@stride/experiment";
import { taskLabel } from "@stride/tasks/spec";
import { formatNumber, formatTable } from "./output.js";
import { placeholderModules } from "./placeholder-modules.js";
import { planStudy } from "./study-plan.js";

/** What an agent's study would run. */
export interface AgentPlan extends AgentEstimate {
  readonly study: string;
  /** Name of the policies it would make. */
  readonly policy: string;
  /** What would be compared afterwards; null where nothing is. */
  readonly comparison: (Estimate & { readonly study: string }) | null;
  readonly warnings: readonly string[];
}

/** Plans an agent's study and its comparison; for policies, which are not there yet, stands a placeholder. */
export async function planAgent(sweep: AgentSweep, { file }: { readonly file: string }): Promise<AgentPlan> {
  const { study, policy } = sweep;
  const source = comparisonSource(sweep, 0);
  const plan = { study, policy, ...agentEstimate(sweep) };
  if (source === undefined) return { ...plan, comparison: null, warnings: [] };
  const modules = placeholderModules(source);
  const compared = await planStudy({ source, file, modules }, async () => new Set());
  return {
    ...plan,
    comparison: { study: compared.sweep.study, ...estimate(compared.cohorts) },
    warnings: compared.warnings,
  };
}

/** For example `study rl-nmf: 60 iterations to learn nmf-ppo, 6096 episodes, 2438400 steps, about 6e11 operations`, and the tasks. */
export function formatAgentPlan(plan: AgentPlan, { tasks }: AgentSweep): string {
  const { study, policy, iterations, episodes, steps, operations, comparison } = plan;
  const lines = [
    `study ${study}: ${iterations} iterations to learn ${policy}, ${episodes} episodes, ${formatNumber(steps)} steps, about ${formatNumber(operations)} operations`,
  ];
  if (comparison !== null) {
    lines.push(
      `then study ${comparison.study}: ${comparison.trials} trials in ${comparison.cohorts} cohorts, ${formatNumber(comparison.steps)} steps, about ${formatNumber(comparison.operations)} operations`,
    );
  }
  const rows = Object.entries(tasks).flatMap(([set, drawn]) => drawn.map((task) => ({ set, task: taskLabel(task) })));
  return [...lines, formatTable(rows)].join("\n");
}
