import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { openTrialQueue } from "@stride/queue";
// Applications export nothing: a benchmark may look inside.
import { startCoordinator } from "../../apps/coordinator/dist/server.js";

const leaseMs = 30_000;
const token = "benchmark";

/**
 * Submits a study to a coordinator and has an idle worker, a process of its own, take every cohort. Returns the milliseconds of each
 * part and the most memory of both processes.
 */
export async function runIdleStudy({ store, queueUrl, study, source, slots, use }) {
  const onError = (error) => process.stderr.write(`coordinator: ${error.message}\n`);
  const queue = await use(openTrialQueue({ url: queueUrl, leaseMs }));
  const listen = "127.0.0.1:0";
  const coordinator = await use(startCoordinator({ store, queue, listen, token, leaseMs, studyName: study, onError }));
  const worker = await use(startWorker({ coordinator: coordinator.address, token, queueUrl, slots, leaseMs }));
  const memory = watchMemory();

  const start = performance.now();
  const { added, cohorts } = await coordinator.laboratory.submit({ source, file: "benchmark" });
  const submitted = performance.now();
  await worker.finished(added);
  const end = performance.now();

  const memoryBytes = memory.stop();
  const status = await coordinator.laboratory.study(study);
  if (status.trials.completed !== added)
    throw new Error(`of ${added} trials only ${status.trials.completed} were recorded`);
  return {
    trials: added,
    cohorts,
    planAndSubmitMs: submitted - start,
    deliverAndRecordMs: end - submitted,
    totalMs: end - start,
    coordinatorBytes: memoryBytes,
    workerBytes: await worker.leave(),
  };
}

async function startWorker(options) {
  const child = fork(fileURLToPath(new URL("./idle-worker.mjs", import.meta.url)), {
    env: { ...process.env, STRIDE_BENCH_WORKER: JSON.stringify(options) },
    stdio: ["ignore", process.stderr, "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  let done = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let memoryBytes;
  const ready = deferred();
  const finished = deferred();
  child.on("message", (message) => {
    if (message.kind === "ready") ready.resolve();
    else if (message.kind === "gone") memoryBytes = message.memoryBytes;
    else if (message.kind === "finished") {
      done += message.trials;
      if (done >= wanted) finished.resolve();
    } else finished.reject(new Error(`the idle worker says: ${JSON.stringify(message)}`));
  });
  const died = exited.then(() => {
    const error = new Error("the idle worker died");
    ready.reject(error);
    finished.reject(error);
  });
  for (const promise of [ready.promise, finished.promise, died]) promise.catch(() => undefined);
  await ready.promise;
  return {
    finished(trials) {
      wanted = trials;
      if (done >= wanted) finished.resolve();
      return finished.promise;
    },
    /** Asks it to go; resolves to the most memory it ever had. */
    async leave() {
      child.send("leave");
      await exited;
      return memoryBytes;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exited;
    },
  };
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

/** The most memory this process had since the call, looked at every 20 ms. */
function watchMemory() {
  let most = 0;
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  look();
  const timer = setInterval(look, 20);
  return {
    stop() {
      look();
      clearInterval(timer);
      return most;
    },
  };
}
