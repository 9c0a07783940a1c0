/** The `stride` command: the only place that reads argv and the environment, listens to signals and sets the exit code. */
import { version } from "@stride/experiment";
import { startTracing } from "@stride/telemetry";
import { CommanderError } from "commander";
import { exitCodeOf, exitCodes } from "./exit-codes.js";
import { createProgram } from "./program.js";
import { parseSettings, type Settings } from "./settings.js";

let code: number = exitCodes.done;
let settings: Settings | undefined;
const leave = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (leave.signal.aborted) process.exit(exitCodes.interrupted);
    leave.abort();
  });
}
// The reader went away (`stride … | head`): nothing more to say.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(code);
});

const tracing = await startTracing({
  service: process.argv[2] === "up" ? "stride-coordinator" : "stride",
  version,
  environment: process.env,
  onProblem: (problem) => console.error(`note: ${problem}`),
});
try {
  const program = createProgram({
    settings: () => (settings ??= parseSettings(process.env)),
    environment: process.env,
    signal: leave.signal,
    exit: (wanted) => (code = wanted),
  });
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version end with 0; what commander refuses it has already explained.
    code = error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
  } else {
    const known = exitCodeOf(error);
    code = known ?? 70;
    if (known === undefined) console.error(error);
    else console.error(`stride: ${error instanceof Error ? error.message : String(error)}`);
  }
}
await tracing[Symbol.asyncDispose]();
process.exitCode = code;
// Whatever still holds the process after its work is done would be a leak; give output a moment to flush, then go.
setTimeout(() => process.exit(code), 2_000).unref();
