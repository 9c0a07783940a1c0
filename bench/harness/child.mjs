/** Runs the benchmark named on the command line and sends each entry to the parent as it is measured. */
import { disposeAll } from "./resources.mjs";

// Whoever started us is gone or wants us gone: servers that we started must not outlive us.
for (const event of ["SIGINT", "SIGTERM", "disconnect"]) process.once(event, () => void leave(130));

const [name] = process.argv.slice(2);
const quick = process.env.STRIDE_BENCH_QUICK === "1";
try {
  const { measure } = await import(`../${name}.mjs`);
  await measure({ quick, report: (entry) => process.send({ kind: "entry", entry }) });
  await leave(0);
} catch (error) {
  process.send?.({ kind: "failed", error: error instanceof Error ? error.message : String(error) });
  console.error(error);
  await leave(1);
}

async function leave(code) {
  await disposeAll();
  process.exit(code);
}
