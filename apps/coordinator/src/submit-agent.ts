import {
  type AgentStore,
  canonicalJson,
  InvalidArgument,
  iterationWork,
  parseAgentSweep,
  type ResultStore,
  type Submission,
  type Submitted,
} from "@stride/experiment";
import { initialPolicy } from "@stride/schedules";
import { activeTrace } from "./submission-trace.js";

/** Plans an agent's study and stores what is new of it. Throws `InvalidSweepFile` or `InvalidArgument`, and then changes nothing. */
export async function submitAgent(
  store: AgentStore & Pick<ResultStore, "study">,
  { source, file }: Submission,
): Promise<Submitted> {
  const sweep = parseAgentSweep(source, { file });
  const { environment, algorithm, network, seed } = sweep;
  const policy = canonicalJson(
    initialPolicy({
      actions: environment.actions,
      every: environment.every,
      range: environment.range,
      sees: environment.sees,
      hidden: network.hidden,
      critic: algorithm.kind === "ppo",
      seed,
    }),
  );
  const { added } = await store.submitAgentStudy({
    name: sweep.study,
    source,
    sweep,
    policyName: sweep.policy,
    algorithm: algorithm.kind,
    policy,
    ...activeTrace(),
  });
  if (!added) await requireGoingOn(store, sweep.study);
  const { batches, update } = iterationWork(sweep, 0, { policy });
  const work = batches.length + (update === undefined ? 0 : 1);
  return { study: sweep.study, added: 0, existing: 0, cohorts: added ? work : 0, warnings: [] };
}

/** Throws `InvalidArgument` where a study was cancelled before it had learned: it would seem accepted, and never go on. */
async function requireGoingOn(store: AgentStore & Pick<ResultStore, "study">, name: string): Promise<void> {
  const [study, agent] = await Promise.all([store.study(name), store.agentProgress(name)]);
  if (study?.state !== "cancelled" || agent?.done) return;
  throw new InvalidArgument(`study ${name} is cancelled, which is final: submit its sweep under another name`);
}
