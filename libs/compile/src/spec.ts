/** What may be known of the executors without loading a tensor library. */
export { type ExecutorName, executorNames } from "./executor.js";
