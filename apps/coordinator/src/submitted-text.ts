import { agentEstimate, isAgentSweep, parseAgentSweep, type Submission, type Submitted } from "@stride/experiment";

/** What a submission became, for example `16 new trials in 2 cohorts, 0 known`; of an agent's sweep, what it lives to learn. */
export function describeSubmitted({ source, file }: Submission, { added, cohorts, existing }: Submitted): string {
  if (!isAgentSweep(source)) return `${added} new trials in ${cohorts} cohorts, ${existing} known`;
  const sweep = parseAgentSweep(source, { file });
  const { iterations, episodes } = agentEstimate(sweep);
  const { train, validation } = sweep.tasks;
  const text =
    `${counted(iterations, "iteration")} to learn ${sweep.policy}, ${counted(episodes, "episode")} ` +
    `on ${counted(train.length, "task")} and ${validation.length} for validation`;
  return cohorts > 0 ? text : `${text}; known already`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
