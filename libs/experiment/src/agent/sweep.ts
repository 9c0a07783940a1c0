import type { OptimizerSpec } from "@stride/optimizers/spec";
import type { TaskSpec } from "@stride/tasks/spec";
import type { AgentAlgorithm } from "./algorithm.js";
import type { Environment } from "./domain.js";

/** An agent's sweep file, parsed: plain JSON, all defaults filled in, the family's tasks drawn. */
export interface AgentSweep {
  readonly study: string;
  /** Name of the policies it makes. */
  readonly policy: string;
  readonly algorithm: AgentAlgorithm;
  readonly environment: Environment;
  /** Units of each hidden layer, of actor and critic alike. */
  readonly network: { readonly hidden: readonly number[] };
  /** Of all that is drawn: tasks, first rates, episodes' seeds, initial weights, learning. */
  readonly seed: number;
  readonly iterations: number;
  /** Batches an iteration, each of one training task, and episodes a batch. */
  readonly episodes: { readonly batches: number; readonly each: number };
  /** Version 0, every so many versions and the last one act on every validation task, `each` episodes, without exploration. */
  readonly validate: { readonly every: number; readonly each: number };
  /** Drawn from the family; no task is in two of them. */
  readonly tasks: {
    readonly train: readonly TaskSpec[];
    readonly validation: readonly TaskSpec[];
    readonly test: readonly TaskSpec[];
  };
  /** First rates are drawn evenly in the logarithm. */
  readonly initialRate: { readonly from: number; readonly to: number };
  readonly optimizer: OptimizerSpec;
  /** What the learned policy is compared with on the test tasks, as a sweep file's value without study; left out: nothing. */
  readonly comparison?: Readonly<Record<string, unknown>>;
}
