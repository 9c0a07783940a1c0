/** Prints which executors this machine can use, as JSON: `[{ name, available, reason? }]`. */
import { availableExecutors } from "@stride/compile";

console.log(JSON.stringify(await availableExecutors()));
process.exit(0);
