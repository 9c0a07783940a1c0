import { cpus } from "node:os";
import { join } from "node:path";
import { type ExecutorName, executorNames } from "@stride/compile/spec";
import { parseSweep } from "@stride/experiment";
import { type Command, Option } from "commander";
import { openStore } from "../connection.js";
import type { Context } from "../context.js";
import { requireExecutor } from "../executors.js";
import { exitCodes } from "../exit-codes.js";
import { followStudy, isOver } from "../follow.js";
import { wholeNumber } from "../parsers.js";
import { createProgress, formatSeconds } from "../progress.js";
import { readSubmission } from "../read-submission.js";
import { randomToken } from "../settings.js";
import { formatWinRates } from "../win-rate-table.js";
import { startWorkerFleet } from "../workers.js";

interface RunOptions {
  readonly workers: number;
  readonly executor: ExecutorName;
  readonly json?: true;
}

/** `stride run SWEEP`: everything in one go on this machine. */
export function addRun(program: Command, context: Context): void {
  program
    .command("run")
    .description("run a sweep on this machine: servers, workers, progress, result")
    .argument("<sweep>", "the sweep file")
    .addOption(
      new Option("--workers <n>", "worker processes")
        .default(cpus().length, "one a core")
        .argParser(wholeNumber({ min: 1, max: 256 })),
    )
    .addOption(new Option("--executor <name>", "what trains").choices(executorNames).default("onnx-cpu"))
    .option("--json", "print the result as JSON on standard output; progress goes to standard error")
    .addHelpText(
      "after",
      "\nExample:\n  $ stride run sweeps/quickstart.yaml\n\nRun it again to go on where it was stopped.",
    )
    .action((file: string, options: RunOptions) => runSweep(file, options, context));
}

async function runSweep(file: string, options: RunOptions, context: Context): Promise<void> {
  const startedAt = Date.now();
  const settings = context.settings();
  // Bad input is refused before anything is started.
  const submission = await readSubmission(file, settings);
  const { study: studyName } = parseSweep(submission.source, submission);
  await requireExecutor(options.executor);
  const progress = createProgress({ stream: process.stderr });

  const [{ openTrialQueue }, { startCoordinator }] = await Promise.all([
    import("@stride/queue"),
    import("../server.js"),
  ]);
  await using opened = await openStore(settings, { create: true });
  const queueUrl = settings.redisUrl ?? opened.database.url;
  await using queue = await openTrialQueue({ url: queueUrl, leaseMs: settings.leaseMs });
  const token = randomToken();
  await using coordinator = await startCoordinator({
    store: opened.store,
    queue,
    listen: "127.0.0.1:0",
    token,
    allowModules: settings.allowModules,
    leaseMs: settings.leaseMs,
    studyName,
    onError: (error) => progress.note(`coordinator: ${error.message}`),
  });
  const submitted = await coordinator.laboratory.submit(submission);
  for (const warning of submitted.warnings) progress.note(`note: ${warning}`);
  const logs = join(settings.home, "logs");
  progress.note(
    `study ${studyName}: ${submitted.added} new trials in ${submitted.cohorts} cohorts, ${submitted.existing} known; ` +
      `${options.workers} workers (logs in ${logs})`,
  );
  let status = await coordinator.laboratory.study(studyName);
  if (status.state === "paused")
    status = { ...status, ...(await coordinator.laboratory.setStudyState(studyName, "running")) };
  if (!isOver(status)) {
    await using _workers = startWorkerFleet({
      count: Math.min(options.workers, status.unfinishedCohorts),
      environment: {
        STRIDE_COORDINATOR: coordinator.address,
        STRIDE_TOKEN: token,
        STRIDE_QUEUE_URL: queueUrl,
        STRIDE_EXECUTOR: options.executor,
        STRIDE_LEASE_MS: String(settings.leaseMs),
      },
      logs,
      onLoss: (worker, how) => progress.note(`${worker} ended (${how}); starting it again, see ${logs}`),
    });
    await followStudy({ laboratory: coordinator.laboratory, studyName, progress, signal: context.signal });
  }
  const last = await coordinator.laboratory.study(studyName);
  if (!isOver(last)) {
    progress.note(`stopped; nothing is lost: run the same command to go on with ${studyName}`);
    context.exit(exitCodes.interrupted);
    return;
  }
  const winRates = await coordinator.laboratory.winRates(studyName, {});
  if (options.json) {
    console.log(JSON.stringify({ study: studyName, trials: last.trials, winRates }, null, 2));
  } else {
    console.log(formatWinRates(winRates, { studyName, sweep: last.sweep }));
    console.log(
      `\n${studyName} took ${formatSeconds((Date.now() - startedAt) / 1000)}. The results lie in ${opened.database.place}.\n` +
        `Look further:  npx stride results trials ${studyName}  ·  npx stride results export ${studyName} -o results/`,
    );
  }
  if (last.trials.failed > 0) {
    progress.note(`${last.trials.failed} trials failed: see ${logs}, then stride retry ${studyName} --failed`);
    context.exit(exitCodes.failedTrials);
  }
}
