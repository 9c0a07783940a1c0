import { cpus } from "node:os";
import { type ExecutorName, executorNames } from "@stride/compile/spec";
import { isAgentSweep, parseSweep, type Submission } from "@stride/experiment";
import { type Command, Option } from "commander";
import type { Context } from "../context.js";
import { requireExecutor } from "../executors.js";
import { exitCodes } from "../exit-codes.js";
import { followStudy, isOver } from "../follow.js";
import { type LocalRun, openLocalRun } from "../local-run.js";
import { wholeNumber } from "../parsers.js";
import { createProgress, formatSeconds, type Progress } from "../progress.js";
import { readSubmission } from "../read-submission.js";
import { runAgent } from "../run-agent.js";
import { formatWinRates } from "../win-rate-table.js";

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
    .addOption(
      new Option("--executor <name>", "what trains").choices(executorNames).default("onnx-cpu").env("STRIDE_EXECUTOR"),
    )
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
  await requireExecutor(options.executor);
  const progress = createProgress({ stream: process.stderr });
  const { workers, executor } = options;
  await using run = await openLocalRun({ settings, workers, executor, note: progress.note });
  const given = { run, submission, json: options.json === true, context, startedAt };
  if (isAgentSweep(submission.source)) await runAgent(given);
  else await runTrials({ ...given, progress });
}

interface TrialsRun {
  readonly run: LocalRun;
  readonly submission: Submission;
  readonly json: boolean;
  readonly context: Context;
  readonly progress: Progress;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

async function runTrials({ run, submission, json, context, progress, startedAt }: TrialsRun): Promise<void> {
  const { study } = parseSweep(submission.source, submission);
  await run.study(submission, study, {
    follow: (running) => followStudy({ ...running, progress, signal: context.signal }),
    async conclude({ laboratory, studyName, status }) {
      if (!isOver(status)) {
        progress.note(`stopped; nothing is lost: run the same command to go on with ${studyName}`);
        context.exit(exitCodes.interrupted);
        return;
      }
      const winRates = await laboratory.winRates(studyName, {});
      if (json) {
        console.log(JSON.stringify({ study: studyName, trials: status.trials, winRates }, null, 2));
      } else {
        console.log(formatWinRates(winRates, { studyName, sweep: status.sweep }));
        console.log(
          `\n${studyName} took ${formatSeconds((Date.now() - startedAt) / 1000)}. The results lie in ${run.place}.\n` +
            `Look further:  npx stride results trials ${studyName}  ·  npx stride results export ${studyName} -o results/`,
        );
      }
      if (status.trials.failed > 0) {
        progress.note(
          `${status.trials.failed} trials failed: see ${run.logs}, then stride retry ${studyName} --failed`,
        );
        context.exit(exitCodes.failedTrials);
      }
    },
  });
}
