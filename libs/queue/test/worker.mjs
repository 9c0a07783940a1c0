/**
 * A worker process for tests: consumes from the queue of argv[2] (JSON: kind and options), says which cohort it was given, and
 * never finishes it. Runs the built package: `npm run build` comes before.
 */
import { createPostgresTrialQueue, createRedisTrialQueue } from "../dist/index.js";

const { kind, ...options } = JSON.parse(process.argv[2]);
const queue = await (kind === "redis" ? createRedisTrialQueue : createPostgresTrialQueue)(options);
await queue.consume({
  slots: 1,
  handle({ cohortId }) {
    console.log(cohortId);
    return new Promise(() => undefined);
  },
  onError: (error) => console.error(error.message),
});
console.log("ready");
