import { InvalidArgument } from "@stride/experiment";
import type { CellOptions } from "@stride/statistics";
import type { ConfigurationName } from "../queries/configuration-names.js";

/** The configurations of the conditions that are asked for. Throws `InvalidArgument` for a label that none has. */
export function askedConfigurations(
  configurations: readonly ConfigurationName[],
  options: Pick<CellOptions, "task" | "optimizer" | "noise">,
): readonly ConfigurationName[] {
  return (["task", "optimizer", "noise"] as const).reduce((left, label) => {
    const wanted = options[label];
    if (wanted === undefined || left.length === 0) return left;
    const found = left.filter((configuration) => configuration[label] === wanted);
    if (found.length > 0) return found;
    const known = [...new Set(left.map((configuration) => configuration[label]))].sort();
    throw new InvalidArgument(`${label} must be one of ${known.join(", ")}, got ${wanted}`);
  }, configurations);
}
