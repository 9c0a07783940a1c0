import type { StudyStatus } from "@stride/experiment";
import type { Command } from "commander";
import { openLaboratory } from "../connection.js";
import type { Context } from "../context.js";
import { exitCodes } from "../exit-codes.js";
import { followStudy, isOver } from "../follow.js";
import { formatTable } from "../output.js";
import { createProgress } from "../progress.js";

/** 1 when the study has failed trials, else 0. */
export function exitCodeOfStatus(status: StudyStatus): number {
  return status.trials.failed > 0 ? exitCodes.failedTrials : exitCodes.done;
}

/** One word for a study: its state while there is work, `done` once there is none. */
function phase(status: StudyStatus): string {
  return status.state === "running" && isOver(status) ? "done" : status.state;
}

function withPhase(status: StudyStatus) {
  return { ...status, phase: phase(status) };
}

function statusRow(status: StudyStatus) {
  const total = Object.values(status.trials).reduce((sum, count) => sum + count, 0);
  return {
    study: status.name,
    state: phase(status),
    trials: total,
    ...status.trials,
    "steps %": status.stepsPlanned === 0 ? 100 : Math.floor((100 * status.stepsDone) / status.stepsPlanned),
    created: status.createdAt.toISOString().slice(0, 16).replace("T", " "),
  };
}

/** `stride status [STUDY]` and `stride watch STUDY`. */
export function addStatus(program: Command, context: Context): void {
  program
    .command("status")
    .description("list the studies, or one, and how their trials stand")
    .argument("[study]", "a study's name")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  $ stride status quickstart --json")
    .action(async (name: string | undefined, options: { json?: true }) => {
      await using opened = await openLaboratory(context.settings(), { create: false });
      const studies = name === undefined ? await opened.laboratory.studies() : [await opened.laboratory.study(name)];
      if (options.json) {
        const rows = studies.map(withPhase);
        console.log(JSON.stringify(name === undefined ? rows : rows[0], null, 2));
      } else {
        console.log(formatTable(studies.map(statusRow)));
      }
    });

  program
    .command("watch")
    .description("follow a study until it is over; exits 1 when it has failed trials")
    .argument("<study>", "the study's name")
    .option("--json", "print its last status as JSON; progress goes to standard error")
    .addHelpText("after", "\nExample:\n  $ stride watch quickstart")
    .action(async (studyName: string, options: { json?: true }) => {
      await using opened = await openLaboratory(context.settings(), { create: false });
      const { laboratory } = opened;
      const progress = createProgress({ stream: process.stderr });
      const status = await followStudy({ laboratory, studyName, progress, signal: context.signal });
      if (options.json) console.log(JSON.stringify(withPhase(status), null, 2));
      context.exit(context.signal.aborted ? exitCodes.interrupted : exitCodeOfStatus(status));
    });
}
