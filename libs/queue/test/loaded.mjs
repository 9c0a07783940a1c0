/** Consumes from the Redis of argv[2] and prints whether a Postgres driver was loaded meanwhile. Runs the built package. */
import { createRequire } from "node:module";
import { createRedisTrialQueue } from "../dist/index.js";

const queue = await createRedisTrialQueue({ url: process.argv[2] });
await queue.present(["some"]);
await queue.consume({ slots: 1, handle: async () => undefined, onError: console.error });
await queue[Symbol.asyncDispose]();
const loaded = Object.keys(createRequire(import.meta.url).cache);
console.log(
  JSON.stringify({
    bullmq: loaded.some((file) => file.includes("/bullmq/")),
    pg: loaded.some((file) => file.includes("/node_modules/pg/")),
  }),
);
