export { EmbeddedPostgresError } from "./errors.js";
export { type EmbeddedPostgres, type StartOptions, startEmbeddedPostgres } from "./start.js";
