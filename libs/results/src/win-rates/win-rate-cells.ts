import { type CellOptions, isTargetMetric, type WinRateCells } from "@stride/statistics";
import type { Queryable } from "../database.js";
import { configurationNames } from "../queries/configuration-names.js";
import { scoreColumns, targetColumns } from "../queries/score-columns.js";
import { askedConfigurations } from "./asked-configurations.js";
import { withParameters } from "./draw-parameters.js";
import { pairCells } from "./pair-cells.js";
import { scoreGroups } from "./score-groups.js";
import { targetsOf } from "./targets.js";

/**
 * A study's win-rate cells. Postgres scores the trials and hands them over as columns, and they are paired here: the SQL view, which
 * pairs them in the database, takes some ten times as long (100,000 trials, all schedules: npm run bench -- win-rate).
 */
export async function winRateCells(
  database: Queryable,
  studyName: string,
  options: CellOptions,
): Promise<WinRateCells> {
  const { columns, configurations } = await scored(database, studyName, options);
  const cells = pairCells(scoreGroups(configurations, columns), options);
  return { ...cells, tunedRates: await withParameters(database, cells.tunedRates, configurations) };
}

async function scored(database: Queryable, studyName: string, options: CellOptions) {
  const { metric } = options;
  if (isTargetMetric(metric)) {
    const configurations = askedConfigurations(await configurationNames(database, studyName), options);
    const targets = await targetsOf(database, { ...options, studyName, configurations });
    return { configurations, columns: await targetColumns(database, { metric, targets }) };
  }
  // In this order: a trial that is read has its configuration, also while the study is being submitted with more.
  const columns = await scoreColumns(database, { studyName, metric });
  return { columns, configurations: askedConfigurations(await configurationNames(database, studyName), options) };
}
