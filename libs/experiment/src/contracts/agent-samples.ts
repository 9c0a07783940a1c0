import { initialPolicy } from "@stride/schedules/spec";
import type { Episode, EpisodeBatch } from "../agent/domain.js";
import type { PlannedAgentStudy } from "../agent/ports.js";
import { type AgentSweep, parseAgentSweep } from "../agent/sweep.js";
import { canonicalJson } from "../canonical-json.js";

let studies = 0;

export interface SampleAgentOptions {
  /** As in a sweep file. */
  readonly algorithm?: string;
  readonly iterations?: number;
  /** Left out: the study's own. */
  readonly policy?: string;
}

/** An agent's study of a name that no other test has: 2 batches of 2 episodes an iteration, one validation task. */
export function sampleAgentStudy(options: SampleAgentOptions = {}): PlannedAgentStudy & { readonly sweep: AgentSweep } {
  const { algorithm = "{ kind: ppo }", iterations = 2 } = options;
  studies += 1;
  const study = `agent-${studies}`;
  const source = `study: ${study}
agent:
  policy: ${options.policy ?? study}
  algorithm: ${algorithm}
  iterations: ${iterations}
  episodes: { batches: 2, each: 2 }
  validate: { every: 1, each: 2 }
  decide: { every: 10 }
family:
  task: { kind: quadratic, dimension: { from: 2, to: 99, whole: true } }
  initialRate: { from: 0.01, to: 1 }
  train: 2
  validation: 1
steps: 40
`;
  const sweep = parseAgentSweep(source);
  const { environment, network, seed } = sweep;
  const policy = canonicalJson(initialPolicy({ ...environment, hidden: network.hidden, critic: true, seed }));
  return { name: study, source, sweep, policyName: sweep.policy, algorithm: sweep.algorithm.kind, policy };
}

/** Two decisions of nine features each; numbers follow from the batch and the index, and `worth` is the return. */
export function sampleEpisodes({ starts, iteration, position }: EpisodeBatch, worth = 1): Episode[] {
  return starts.map((_, index) => {
    const base = 100 * iteration + 10 * position + index;
    const numbers = (count: number) => Float32Array.from({ length: count }, (__, i) => base + i / 8);
    return {
      index,
      decisions: 2,
      features: numbers(18),
      actions: Float32Array.of(0, 1),
      logProbabilities: Float32Array.of(-1.5, -1.25),
      entropies: Float32Array.of(1.5, 0.5),
      rewards: Float32Array.of(worth, 0),
      diverged: index === 1,
      steps: index === 1 ? 20 : 40,
      finalEvaluationLoss: index === 1 ? Number.POSITIVE_INFINITY : 0.5,
      forwardPasses: 50,
      backwardPasses: 40,
      seconds: 0.25,
    };
  });
}
