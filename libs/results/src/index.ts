export { type BackupOptions, writeBackup } from "./backup/backup.js";
export type { RowCounts } from "./backup/format.js";
export { type RestoreOptions, restoreBackup } from "./backup/restore.js";
export { DatabaseTooNew, DatabaseTooOld, DatabaseUnreachable } from "./errors.js";
export { openResultStore, type PostgresResultStore, type ResultStoreOptions } from "./store.js";
