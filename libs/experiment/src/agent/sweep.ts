import type { OptimizerSpec } from "@stride/optimizers/spec";
import type { TaskSpec } from "@stride/tasks/spec";
import { InvalidSweepFile } from "../errors.js";
import { stabilitySchema } from "../stability.js";
import { jsonSchema } from "../sweep/allowed.js";
import { explain, pathText } from "../sweep/explain.js";
import type { Issue } from "../sweep/issue.js";
import { type Path, readYaml, type YamlSource } from "../sweep/yaml-source.js";
import type { AgentAlgorithm } from "./algorithm.js";
import { checkAgent, checkComparison } from "./check.js";
import type { Environment } from "./domain.js";
import { drawFamily } from "./family.js";
import { type AgentFile, agentFileSchema } from "./schema.js";

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

export interface ParseAgentSweepOptions {
  /** The file's name in messages; "sweep" when left out. */
  readonly file?: string;
}

/** Whether a text is an agent's sweep file: a mapping with the key `agent`. */
export function isAgentSweep(text: string): boolean {
  try {
    const { value } = readYaml(text, "sweep");
    return typeof value === "object" && value !== null && "agent" in value;
  } catch {
    // Whoever reads it as an ordinary sweep says what is wrong.
    return false;
  }
}

/** Reads an agent's sweep file (docs/sweep-file.md#agents). Throws `InvalidSweepFile` with everything that is wrong, each with its place. */
export function parseAgentSweep(text: string, { file = "sweep" }: ParseAgentSweepOptions = {}): AgentSweep {
  const source = readYaml(text, file);
  const parsed = agentFileSchema.safeParse(source.value);
  if (!parsed.success) {
    const schema = jsonSchema(agentFileSchema);
    const pathInFile = (path: Path) => path;
    throw new InvalidSweepFile(file, explain(parsed.error.issues, { schema, value: source.value, source, pathInFile }));
  }
  const placed = ({ path, message }: Issue) => ({ ...source.place(path), path: pathText(path), message });
  const { sweep, issues } = completed(parsed.data, source);
  const wrong = [...issues, ...checkAgent(sweep).map(placed)];
  // A comparison repeats what the agent is wrong in.
  const found = wrong.length > 0 ? wrong : checkComparison(sweep).map(placed);
  if (found.length === 0) return sweep;
  const inOrder = found.sort((left, right) => left.line - right.line || left.column - right.column);
  throw new InvalidSweepFile(file, inOrder);
}

function completed({ study, agent, family, optimizer, steps, comparison }: AgentFile, source: YamlSource) {
  const { policy = study, algorithm, iterations, episodes, validate, decide, reward, sees, network, seed } = agent;
  const stability = agent.clip === undefined ? agent.stability : stabilitySchema.parse({ clip: true });
  const { train, validation, test } = family;
  const { tasks, issues } = drawFamily({ task: family.task, counts: { train, validation, test }, seed, source });
  const sweep: AgentSweep = {
    study,
    policy,
    algorithm,
    environment: { steps, ...decide, sees, reward, ...(stability === undefined ? {} : { stability }) },
    network,
    seed,
    iterations,
    episodes,
    validate,
    tasks,
    initialRate: family.initialRate,
    optimizer,
    ...(comparison === undefined ? {} : { comparison }),
  };
  return { sweep, issues };
}
