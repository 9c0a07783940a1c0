import type { CellOptions, WinRateCells } from "@stride/statistics";
import type { Queryable } from "../database.js";
import { configurationNames } from "../queries/configuration-names.js";
import { scoreColumns } from "../queries/score-columns.js";
import { pairCells } from "./pair-cells.js";
import { scoreGroups } from "./score-groups.js";

/**
 * A study's win-rate cells. Postgres scores the trials and hands them over as columns, and they are paired here: the SQL view, which
 * pairs them in the database, takes some ten times as long (100,000 trials, all schedules: npm run bench -- win-rate).
 */
export async function winRateCells(
  database: Queryable,
  studyName: string,
  options: CellOptions,
): Promise<WinRateCells> {
  // In this order: a trial that is read has its configuration, also while the study is being submitted with more.
  const columns = await scoreColumns(database, { studyName, metric: options.metric });
  const configurations = await configurationNames(database, studyName);
  return pairCells(scoreGroups(configurations, columns), options);
}
