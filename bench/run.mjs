/** `npm run bench`: runs the benchmarks, or those named, each in a process of its own, and prints one table of ratios. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "./harness/machine.mjs";
import { formatEntries, formatMachine } from "./harness/table.mjs";

const benchmarks = ["steps", "networks", "cohorts", "agents", "orchestrator", "reports", "win-rate"];
const folder = dirname(fileURLToPath(import.meta.url));

const usage = `npm run bench -- [${benchmarks.join(" | ")}]… [options]
  --quick           shorter measurements of smaller problems: shows that all works, not how fast
  --processor-time  training by the processor's time instead of the wall's, for a machine that others use too
  --json            the whole as JSON on standard output instead of the table
  --output FILE     where the JSON is written besides; bench/results/local/DATE.json when left out`;

const { values: options, positionals } = readArguments();
const chosen = positionals.length === 0 ? benchmarks : benchmarks.filter((name) => positionals.includes(name));

const startedAt = new Date();
const result = {
  ...describeMachine(),
  date: startedAt.toISOString(),
  quick: options.quick,
  clock: options["processor-time"] ? "processor" : "wall",
  entries: [],
  failed: [],
};
let running;
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    interrupted = true;
    running?.kill("SIGTERM"); // It stops its servers first, so we wait for it.
  });
}
for (const name of chosen) {
  if (interrupted) break;
  process.stderr.write(`${name} …\n`);
  const outcome = await runInChild(name);
  result.entries.push(...outcome.entries.map((entry) => ({ benchmark: name, ...entry })));
  if (outcome.error !== undefined) result.failed.push({ benchmark: name, error: outcome.error });
}
const json = `${JSON.stringify(result, null, 2)}\n`;
const output = options.output ?? join(folder, "results", "local", `${result.date.replaceAll(":", "-")}.json`);
await mkdir(dirname(output), { recursive: true });
await writeFile(output, json);
process.stdout.write(options.json ? json : `${formatMachine(result)}\n\n${formatEntries(result.entries)}\n`);
for (const { benchmark, error } of result.failed) process.stderr.write(`${benchmark} failed: ${error}\n`);
process.stderr.write(`written to ${output}\n`);
process.exitCode = interrupted ? 130 : result.failed.length === 0 ? 0 : 1;

/** What the child measured until it ended, however it ended. */
async function runInChild(name) {
  const environment = {
    ...(options.quick ? { STRIDE_BENCH_QUICK: "1" } : {}),
    ...(options["processor-time"] ? { STRIDE_BENCH_PROCESSOR_TIME: "1" } : {}),
  };
  // Standard output is for the result alone.
  const child = fork(join(folder, "harness", "child.mjs"), [name], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", process.stderr, "inherit", "ipc"],
  });
  running = child;
  const entries = [];
  let error;
  child.on("message", (message) => {
    if (message.kind === "entry") entries.push(message.entry);
    else error = message.error;
  });
  const [code, signal] = await once(child, "exit");
  return code === 0 ? { entries } : { entries, error: error ?? `it ended with ${signal ?? `exit code ${code}`}` };
}

function readArguments() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        "processor-time": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        output: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    const unknown = parsed.positionals.find((name) => !benchmarks.includes(name));
    if (unknown !== undefined) throw new Error(`there is no benchmark "${unknown}"`);
    if (!parsed.values.help) return parsed;
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error.message}\n${usage}\n`);
    process.exit(2);
  }
}
