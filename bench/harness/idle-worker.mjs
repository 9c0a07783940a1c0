/** A worker process whose trainer does nothing. Says "ready", counts finished cohorts to its parent, and ends when told to. */
import { openTrialQueue } from "@stride/queue";
import { createReporterClient } from "@stride/rpc";
// Applications export nothing: a benchmark may look inside.
import { runWorker } from "../../apps/worker/dist/worker.js";
import { idleReport } from "./idle-training.mjs";

const { coordinator, token, queueUrl, slots, leaseMs } = JSON.parse(process.env.STRIDE_BENCH_WORKER);
const leave = new AbortController();
process.once("message", () => leave.abort());
process.once("disconnect", () => process.exit(1));

const queue = await openTrialQueue({ url: queueUrl, leaseMs });
const reporter = createReporterClient({ address: coordinator, token });
const counting = {
  ...reporter,
  async finishAttempt(request) {
    const answer = await reporter.finishAttempt(request);
    process.send({ kind: "finished", trials: request.results.length });
    return answer;
  },
};
process.send({ kind: "ready" });
await runWorker({
  queue,
  reporter: counting,
  createTrainer: () => ({
    async *messages({ cohort }) {
      yield { kind: "report", report: idleReport(cohort) };
    },
    [Symbol.asyncDispose]: async () => undefined,
  }),
  workerId: `idle-${process.pid}`,
  executor: "none",
  slots,
  heartbeatMs: leaseMs / 4,
  leaveGraceMs: 5_000,
  log: { info: () => undefined, warn: (fields) => process.send({ kind: "trouble", fields }) },
  signal: leave.signal,
});
await reporter[Symbol.asyncDispose]();
await queue[Symbol.asyncDispose]();
process.send({ kind: "gone", memoryBytes: 1024 * process.resourceUsage().maxRSS }, () => process.exit(0));
