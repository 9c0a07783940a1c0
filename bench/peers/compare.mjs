/** Ours, PyTorch and JAX on the same steps, in turn, round by round, on one core: medians and the ratios of ours to each. */
import { spawn } from "node:child_process";
import { loadavg } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fastest, median, ratioOfRounds } from "../harness/rounds.mjs";
import { round } from "../harness/table.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const kinds = ["cnn", "transformer"];
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: "string", default: "python3" },
    core: { type: "string", default: "0" },
    rounds: { type: "string", default: "9" },
    "processor-time": { type: "boolean", default: false },
    "no-compile": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const pythonOptions = ["processor-time", "no-compile"].filter((name) => options[name]).map((name) => `--${name}`);

const results = [];
for (const kind of kinds.filter((name) => positionals.length === 0 || positionals.includes(name))) {
  results.push(await compare(kind));
}
const load = loadavg().map(round).join(" ");
if (options.json) console.log(JSON.stringify({ rounds: Number(options.rounds), load, results }, null, 2));
else console.log(`load ${load}`);

async function compare(kind) {
  const peers = [open("ours", process.execPath, [join(folder, "ours.mjs"), kind])];
  for (const name of ["torch", "jax"]) {
    peers.push(open(name, options.python, [join(folder, `${kind}_${name}.py`), "--in-turn", ...pythonOptions]));
  }
  const rates = new Map();
  try {
    for (const { ready } of peers) await ready;
    for (let i = 0; i < Number(options.rounds); i++) {
      for (const { name, oneRound } of peers) {
        for (const [contender, rate] of Object.entries(await oneRound())) {
          const label = `${name} ${contender}`;
          rates.set(label, [...(rates.get(label) ?? []), rate]);
        }
      }
    }
  } finally {
    for (const { close } of peers) close();
  }
  const names = [...rates.keys()];
  const ours = fastest(
    rates,
    names.filter((name) => name.startsWith("ours ")),
  );
  const contenders = names.map((name) => ({
    name,
    trialStepsPerSecond: median(rates.get(name)),
    ratio: ratioOfRounds(rates.get(ours), rates.get(name)),
  }));
  if (!options.json) {
    console.log(`${kind}: trial-steps/s, and ${ours} over it`);
    for (const { name, trialStepsPerSecond, ratio } of contenders) {
      console.log(`  ${name.padEnd(30)} ${round(trialStepsPerSecond).padStart(8)} ${round(ratio).padStart(8)} ×`);
    }
  }
  return { kind, ours, contenders };
}

/** A process on the one core that takes a round for each line that it gets, and answers with its rates as JSON. */
function open(name, command, args) {
  const environment = options["processor-time"] ? { STRIDE_BENCH_PROCESSOR_TIME: "1" } : {};
  const child = spawn("taskset", ["-c", options.core, command, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  child.stdin.on("error", () => {}); // Whoever ended early is told of below.
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended early: ${command} ${args.join(" ")}`);
    return value;
  };
  const ready = (async () => {
    while ((await answer()) !== "ready");
  })();
  ready.catch(() => {}); // It is awaited, but perhaps after another that failed.
  return {
    name,
    ready,
    async oneRound() {
      child.stdin.write("\n");
      return JSON.parse(await answer());
    },
    close: () => child.stdin.end(),
  };
}
