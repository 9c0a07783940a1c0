import { InvalidArgument } from "@stride/experiment";
import type { CellOptions } from "@stride/statistics";
import type { Queryable } from "../database.js";
import type { ConfigurationName } from "../queries/configuration-names.js";
import { scoreColumns } from "../queries/score-columns.js";
import { scoreGroups } from "./score-groups.js";
import { tunedRatesOf } from "./tuned-scores.js";

export interface TargetQuestion extends Pick<CellOptions, "metric" | "target" | "baseline"> {
  readonly studyName: string;
  readonly configurations: readonly ConfigurationName[];
}

/**
 * The target of each configuration, by its key. "baseline": under its task, optimizer and noise the baseline's mean final evaluation
 * loss on the tuning seeds at its tuned rate; null where there is none or that run diverged.
 */
export async function targetsOf(
  database: Queryable,
  { studyName, configurations, metric, target, baseline }: TargetQuestion,
): Promise<ReadonlyMap<number, number | null>> {
  if (target === undefined) throw new InvalidArgument(`metric ${metric} needs a target: a loss, or "baseline"`);
  if (target !== "baseline") {
    if (!Number.isFinite(target)) throw new InvalidArgument(`target must be a loss or "baseline", got ${target}`);
    return new Map(configurations.map(({ configurationKey }) => [configurationKey, target]));
  }
  if (baseline === undefined) throw new InvalidArgument('the target "baseline" needs a baseline');
  const columns = await scoreColumns(database, { studyName, metric: "finalEvaluationLoss" });
  const means = new Map(
    scoreGroups(configurations, columns)
      .flatMap(tunedRatesOf)
      .filter(({ schedule }) => schedule === baseline)
      .map((rate) => [conditionOf(rate), rate.tuningMean]),
  );
  return new Map(configurations.map((one) => [one.configurationKey, means.get(conditionOf(one)) ?? null]));
}

function conditionOf({ task, optimizer, noise }: Pick<ConfigurationName, "task" | "optimizer" | "noise">): string {
  return JSON.stringify([task, optimizer, noise]);
}
