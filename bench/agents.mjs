/** Episodes a second: by environments a cohort, in one process; and of whole studies by worker processes, with the update's share of the time. */
import { runEpisodes } from "@stride/agents";
import { createExecutor } from "@stride/compile";
import { canonicalJson, iterationWork, parseAgentSweep } from "@stride/experiment";
import { openTrialQueue } from "@stride/queue";
import { openResultStore } from "@stride/results";
import { initialPolicy } from "@stride/schedules";
import { launchWorker } from "@stride/worker/launch";
// Applications export nothing: a benchmark may look inside.
import { startCoordinator } from "../apps/coordinator/dist/server.js";
import { agentSource } from "./harness/agent-study.mjs";
import { entry } from "./harness/entry.mjs";
import { startPostgres } from "./harness/postgres.mjs";
import { withResources } from "./harness/resources.mjs";
import { fastest, interleave, median, ratioOfRounds } from "./harness/rounds.mjs";

const widths = [1, 4, 16, 64];
const leaseMs = 30_000;
const token = "benchmark";

export async function measure({ quick, report }) {
  await withResources((use) => measureWidths({ quick, report, use }));
  await measureWorkers({ quick, report });
}

async function measureWidths({ quick, report, use }) {
  const executor = await use(createExecutor("onnx-cpu", { threads: 1 }));
  const contenders = widths.map((each) => {
    const sweep = parseAgentSweep(agentSource({ study: "widths", iterations: 1, batches: 1, each }));
    const policy = canonicalJson(policyOf(sweep));
    const [batch] = iterationWork(sweep, 0, { policy }).batches.filter(({ purpose }) => purpose === "train");
    return {
      name: nameOf(each),
      begin: () => undefined,
      async work() {
        const run = runEpisodes({ batch, executor });
        let turn = await run.next();
        while (!turn.done) turn = await run.next();
        return turn.value.length;
      },
    };
  });
  for (const { work } of contenders) await work();
  const rates = await interleave(
    contenders,
    quick ? { rounds: 3, milliseconds: 100 } : { rounds: 7, milliseconds: 1_000 },
  );
  const names = widths.map(nameOf);
  const best = fastest(rates, names);
  report(
    entry({
      name: "episodes of 400 steps, 19 decisions each",
      measures:
        "NMF of a policy that explores, one thread, batches compiled before: the best cohort against one environment",
      value: median(rates.get(best)),
      unit: "episodes/s",
      baseline: { name: "one environment", value: median(rates.get(names[0])) },
      ratio: ratioOfRounds(rates.get(best), rates.get(names[0])),
      details: { best, ...Object.fromEntries(names.map((name) => [name, median(rates.get(name))])) },
    }),
  );
}

const nameOf = (each) => `${each} environment${each === 1 ? "" : "s"} a cohort`;

function policyOf({ environment: { actions, every, range, sees }, network: { hidden }, seed }) {
  return initialPolicy({ actions, every, range, sees, hidden, critic: true, seed });
}

/** The same study with one worker and with two: its iterations but the first, which compiles. */
async function measureWorkers({ quick, report }) {
  const iterations = quick ? 3 : 12;
  const measured = [];
  for (const workers of [1, 2]) measured.push(await measureStudy({ workers, iterations }));
  const [one, two] = measured;
  report(
    entry({
      name: "a study by workers",
      measures: `${one.episodes} episodes in iterations of 6 × 16 over gRPC, queue on Postgres, after the first: two workers against one`,
      value: two.perSecond,
      unit: "episodes/s",
      baseline: { name: "one worker", value: one.perSecond },
      details: {
        "share of time in updates, one worker": one.updateShare,
        "share of time in updates, two workers": two.updateShare,
        "seconds an update": two.secondsAnUpdate,
      },
    }),
  );
}

async function measureStudy({ workers, iterations }) {
  return withResources(async (use) => {
    const { url } = await use(startPostgres());
    const store = await use(openResultStore({ url }));
    const queue = await use(openTrialQueue({ url, leaseMs }));
    const study = `workers-${workers}`;
    const onError = (error) => process.stderr.write(`coordinator: ${error.message}\n`);
    const options = {
      store,
      queue,
      listen: "127.0.0.1:0",
      token,
      allowModules: false,
      leaseMs,
      studyName: study,
      onError,
    };
    const coordinator = await use(startCoordinator(options));
    for (let i = 0; i < workers; i++) await use(startWorker({ address: coordinator.address, url, id: `bench-${i}` }));
    await coordinator.laboratory.submit({
      source: agentSource({ study, iterations, batches: 6, each: 16 }),
      file: "benchmark",
    });
    const marks = [];
    while (true) {
      const { iteration, episodes, done } = await store.agentProgress(study);
      if (iteration > (marks.at(-1)?.iteration ?? 0)) marks.push({ iteration, at: performance.now(), episodes });
      if (done) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const [first, last] = [marks[0], marks.at(-1)];
    const seconds = (last.at - first.at) / 1000;
    const rows = await store.policies(study);
    const updates = rows.filter(({ version }) => version > first.iteration && version <= last.iteration);
    const spent = updates.reduce((sum, { statistics }) => sum + (statistics.seconds ?? 0), 0);
    return {
      episodes: last.episodes - first.episodes,
      perSecond: (last.episodes - first.episodes) / seconds,
      updateShare: spent / seconds,
      secondsAnUpdate: spent / updates.length,
    };
  });
}

async function startWorker({ address, url, id }) {
  const worker = launchWorker({
    environment: {
      STRIDE_COORDINATOR: address,
      STRIDE_TOKEN: token,
      STRIDE_QUEUE_URL: url,
      STRIDE_EXECUTOR: "onnx-cpu",
      STRIDE_LEASE_MS: String(leaseMs),
      STRIDE_WORKER_ID: id,
      STRIDE_LOG_LEVEL: "error",
    },
    output: 2,
  });
  const gone = new Promise((resolve) => worker.once("exit", resolve));
  return {
    async [Symbol.asyncDispose]() {
      worker.kill("SIGTERM");
      await gone;
    },
  };
}
