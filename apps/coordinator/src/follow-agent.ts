import type { AgentProgress, StudyStatus } from "@stride/experiment";
import type { AgentStatus } from "./agent-progress.js";
import type { StrideLaboratory } from "./connection.js";
import { follow, isOver } from "./follow.js";
import type { Progress } from "./progress.js";

export interface FollowAgentOptions {
  readonly laboratory: StrideLaboratory;
  readonly studyName: string;
  readonly progress: Progress<AgentStatus>;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
}

/** How an agent's study stands; undefined where it is no agent's. */
export async function agentStatus(
  laboratory: StrideLaboratory,
  studyName: string,
): Promise<(AgentStatus & { readonly study: StudyStatus & { readonly sweep: unknown } }) | undefined> {
  // Asked first: where it is over, its progress is its last.
  const study = await laboratory.study(studyName);
  const agent = await laboratory.agentProgress(studyName);
  return agent === undefined ? undefined : { study, agent, policies: await laboratory.policies(agent.policyName) };
}

/** Shows how an agent learns until its study is over or `signal` is aborted; gives how it stands then. */
export function followAgent({ laboratory, studyName, ...options }: FollowAgentOptions): Promise<AgentStatus> {
  const look = async (): Promise<AgentStatus> => {
    const status = await agentStatus(laboratory, studyName);
    if (status === undefined) throw new Error(`${studyName} is no agent's study`);
    return status;
  };
  return follow({ ...options, look, studyOf: ({ study }) => study });
}

/** Whether an agent stopped before its last iteration, and not because it was told to: some of its work has failed. */
export function failedToLearn(study: StudyStatus, agent: AgentProgress): boolean {
  return isOver(study) && study.state !== "cancelled" && !agent.done;
}
