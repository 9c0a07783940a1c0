import { comparisonSource, isAgentSweep, parseAgentSweep, type Submission, type Submitted } from "@stride/experiment";
import type { StrideLaboratory } from "./connection.js";
import { submitTraced } from "./submission-trace.js";

/** What an agent's sweep file becomes once the agent has learned: an ordinary sweep. */
export interface SubmittedComparison {
  readonly submission: Submission;
  readonly submitted: Submitted;
}

/** Submits the comparison of an agent's sweep with its best policy. Undefined before it has learned, and where nothing is compared. */
export async function submitComparison(
  laboratory: StrideLaboratory,
  { source, file }: Submission,
): Promise<SubmittedComparison | undefined> {
  if (!isAgentSweep(source)) return undefined;
  const sweep = parseAgentSweep(source, { file });
  const agent = await laboratory.agentProgress(sweep.study);
  if (agent === undefined || !agent.done || agent.best === null) return undefined;
  const comparison = comparisonSource(sweep, agent.best);
  if (comparison === undefined) return undefined;
  const submission = { source: comparison, file };
  return { submission, submitted: await submitTraced(laboratory, submission) };
}
