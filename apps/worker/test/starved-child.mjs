/** The built training child with little more address space than it needs to load: what does not fit fails as it would on a full machine. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

await import("../dist/child.js");
const virtualBytes = 1024 * Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
const room = Number(process.env.STARVED_CHILD_ROOM_MB) * 2 ** 20;
execFileSync("prlimit", ["--pid", String(process.pid), `--as=${virtualBytes + room}`]);
