import { createAgentProgress } from "./agent-progress.js";
import type { StrideLaboratory } from "./connection.js";
import { exitCodes } from "./exit-codes.js";
import { followStudy } from "./follow.js";
import { failedToLearn, followAgent } from "./follow-agent.js";
import { createProgress } from "./progress.js";
import type { StudyWithAgent } from "./study-table.js";

export interface WatchOptions {
  readonly laboratory: StrideLaboratory;
  readonly studyName: string;
  readonly stream: NodeJS.WriteStream;
  readonly signal: AbortSignal;
}

/** Shows how a study fares, whatever it is of, until it is over or `signal` is aborted; gives how it stands then. */
export async function watchStudy({ stream, ...options }: WatchOptions): Promise<StudyWithAgent> {
  const isAgents = (await options.laboratory.agentProgress(options.studyName)) !== undefined;
  if (!isAgents) return { status: await followStudy({ ...options, progress: createProgress({ stream }) }) };
  const { study, agent } = await followAgent({ ...options, progress: createAgentProgress({ stream }) });
  return { status: study, agent };
}

/** What watching ends with: 130 when it was interrupted, 1 when something of the study has failed, else 0. */
export function exitCodeOfStudy({ status, agent }: StudyWithAgent, signal: AbortSignal): number {
  if (signal.aborted) return exitCodes.interrupted;
  const failed = status.trials.failed > 0 || (agent !== undefined && failedToLearn(status, agent));
  return failed ? exitCodes.failedTrials : exitCodes.done;
}
