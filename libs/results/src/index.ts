export { type BackupOptions, writeBackup } from "./backup/backup.js";
export type { RowCounts } from "./backup/format.js";
export { type RestoreOptions, restoreBackup } from "./backup/restore.js";
export { DatabaseTooNew, DatabaseTooOld, DatabaseUnreachable } from "./errors.js";
export type { Monitor } from "./monitor.js";
export type { DatabaseFacts } from "./queries/database-facts.js";
export type { AttemptEnding, Load, StudyLoad } from "./queries/load.js";
export type { UnfinishedCohort } from "./queries/unfinished-cohorts.js";
export { openResultStore, type PostgresResultStore, type ResultStoreOptions } from "./store.js";
