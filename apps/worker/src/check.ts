/** Prints what this machine can compute on, as JSON: `{ executors: [{ name, available, reason? }], devices: [...], notes: [...] }`. */
import { availableExecutors } from "@stride/compile";
import { findDevices } from "@stride/compile/devices";

const [executors, report] = await Promise.all([availableExecutors(), findDevices()]);
console.log(JSON.stringify({ executors, ...report }));
process.exit(0);
