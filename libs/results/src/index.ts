export { DatabaseTooNew, DatabaseTooOld, DatabaseUnreachable } from "./errors.js";
export { openResultStore, type PostgresResultStore, type ResultStoreOptions } from "./store.js";
