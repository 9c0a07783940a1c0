import type { AgentProgress, PolicyRow, StudyStatus } from "@stride/experiment";
import { createDisplay, type Progress, type ProgressOptions, secondsLeft, timeLeft } from "./progress.js";

/** How an agent's study stands at a moment. */
export interface AgentStatus {
  readonly study: StudyStatus;
  readonly agent: AgentProgress;
  /** Its policies, by version. */
  readonly policies: readonly PolicyRow[];
}

/** A progress display of an agent's study: return, divergence rate, entropy, episodes a second, time left. */
export function createAgentProgress(options: ProgressOptions): Progress<AgentStatus> {
  const now = options.now ?? Date.now;
  const samples: { readonly atMs: number; readonly steps: number }[] = [];
  return createDisplay(options, (status: AgentStatus) => {
    const { study, agent } = status;
    // The same clock for episodes: `secondsLeft` counts whatever it is given.
    samples.push({ atMs: now(), steps: agent.episodes });
    if (samples.length > 2_000) samples.splice(0, 1_000);
    const perSecond = 1 / (secondsLeft(samples, agent.episodes + 1) ?? Number.POSITIVE_INFINITY);
    const planned = agent.iteration === 0 ? undefined : (agent.episodes * agent.iterations) / agent.iteration;
    const left = agent.done ? 0 : planned === undefined ? undefined : secondsLeft(samples, planned);
    return {
      name: study.name,
      percent: Math.floor((100 * agent.iteration) / agent.iterations),
      of: "iterations",
      left: study.state === "paused" ? "paused" : timeLeft(left),
      text: describeAgent(status, perSecond),
    };
  });
}

/** For example `iteration 12/60, return 3.21 (validation 3.4 at version 10), 2 % diverged, entropy 1.31, 145 episodes/s`. */
export function describeAgent({ agent, policies }: AgentStatus, episodesPerSecond: number): string {
  const trained = policies.findLast(({ training }) => training !== null)?.training;
  // Every validation is as large: one that is under way would tell of its first tasks alone.
  const whole = Math.max(0, ...policies.map(({ validation }) => validation?.episodes ?? 0));
  const validated = policies.findLast(({ validation }) => validation?.episodes === whole);
  const parts = [`iteration ${agent.iteration}/${agent.iterations}`];
  const validation =
    validated?.validation == null
      ? ""
      : ` (validation ${validated.validation.meanReturn.toFixed(2)} at version ${validated.version})`;
  if (trained != null) {
    parts.push(
      `return ${trained.meanReturn.toFixed(2)}${validation}`,
      `${(100 * trained.divergence).toFixed(1)} % diverged`,
      `entropy ${trained.entropy.toFixed(2)}`,
    );
  }
  if (episodesPerSecond > 0) parts.push(`${episodesPerSecond.toPrecision(3)} episodes/s`);
  return parts.join(", ");
}
