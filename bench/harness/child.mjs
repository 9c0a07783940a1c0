/** Runs the benchmark named on the command line and sends each entry to the parent as it is measured. */
import { closeAll } from "./resources.mjs";

// Whoever started us is gone or wants us gone: servers that we started must not outlive us.
for (const event of ["SIGINT", "SIGTERM", "disconnect"]) process.once(event, () => void leave(130));
process.on("uncaughtException", (error) => {
  console.error(error);
  void leave(1);
});

let leaving;
const [name] = process.argv.slice(2);
const quick = process.env.STRIDE_BENCH_QUICK === "1";
try {
  const { measure } = await import(`../${name}.mjs`);
  await measure({ quick, report: (entry) => tell({ kind: "entry", entry }) });
  await leave(0);
} catch (error) {
  if (leaving === undefined) console.error(error); // Closing what it worked with makes any work fail.
  tell({ kind: "failed", error: error instanceof Error ? error.message : String(error) });
  await leave(1);
}

function tell(message) {
  if (process.connected) process.send(message);
}

async function leave(code) {
  leaving ??= closeAll().finally(() => process.exit(code));
  await leaving;
}
