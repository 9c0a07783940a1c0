import type { AgentProgress, StudyStatus } from "@stride/experiment";
import type { StrideLaboratory } from "./connection.js";
import { isOver } from "./follow.js";
import { failedToLearn } from "./follow-agent.js";
import { formatMinute, formatTable, type Row } from "./output.js";

/** A study with how its agent fares; of others without. */
export interface StudyWithAgent {
  readonly status: StudyStatus;
  readonly agent?: AgentProgress;
}

/** Looks up which studies are agents'. */
export function withAgents(
  laboratory: Pick<StrideLaboratory, "agentProgress">,
  studies: readonly StudyStatus[],
): Promise<readonly StudyWithAgent[]> {
  return Promise.all(
    studies.map(async (status) => {
      const agent = await laboratory.agentProgress(status.name);
      return agent === undefined ? { status } : { status, agent };
    }),
  );
}

/** One word for a study: its state while there is work, then `done`, or `failed` where an agent cannot go on. */
export function phase({ status, agent }: StudyWithAgent): string {
  if (agent !== undefined && failedToLearn(status, agent)) return "failed";
  return status.state === "running" && isOver(status) ? "done" : status.state;
}

/** Studies of trials in one table, agents' in another: of these the iterations, and the episodes of those planned so far. */
export function formatStudies(studies: readonly StudyWithAgent[]): string {
  const agents = studies.filter(({ agent }) => agent !== undefined);
  const others = studies.filter(({ agent }) => agent === undefined);
  const tables = [
    ...(others.length > 0 || agents.length === 0 ? [formatTable(others.map(trialsRow))] : []),
    ...(agents.length > 0 ? [formatTable(agents.map(episodesRow), { study: "agent's study" })] : []),
  ];
  return tables.join("\n\n");
}

function trialsRow(study: StudyWithAgent): Row {
  const { status } = study;
  return {
    study: status.name,
    state: phase(study),
    trials: Object.values(status.trials).reduce((sum, count) => sum + count, 0),
    ...status.trials,
    "steps %": status.stepsPlanned === 0 ? 100 : Math.floor((100 * status.stepsDone) / status.stepsPlanned),
    created: formatMinute(status.createdAt),
  };
}

function episodesRow(study: StudyWithAgent): Row {
  const { status, agent } = study;
  const { planned, running, completed, diverged, failed, cancelled } = status.trials;
  return {
    study: status.name,
    state: phase(study),
    iterations: `${agent?.iteration}/${agent?.iterations}`,
    episodes: completed + diverged,
    diverged,
    planned,
    running,
    failed,
    cancelled,
    best: agent?.best == null ? "–" : `${agent.policyName}@${agent.best}`,
    created: formatMinute(status.createdAt),
  };
}
