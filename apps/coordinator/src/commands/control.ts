import { type AgentProgress, InvalidArgument, type StudyState, type StudyStatus } from "@stride/experiment";
import type { Command } from "commander";
import { openLaboratory } from "../connection.js";
import type { Context } from "../context.js";
import { isOver } from "../follow.js";

const verbs: readonly { readonly name: string; readonly state: StudyState; readonly does: string }[] = [
  {
    name: "pause",
    state: "paused",
    does: "stop a study's running cohorts within a heartbeat and start no more until it is resumed",
  },
  { name: "resume", state: "running", does: "let a paused study go on" },
  { name: "cancel", state: "cancelled", does: "end a study for good; what is recorded stays" },
];

/** `stride pause|resume|cancel STUDY` and `stride retry STUDY --failed`. */
export function addControl(program: Command, context: Context): void {
  for (const { name, state, does } of verbs) {
    program
      .command(name)
      .description(does)
      .argument("<study>", "the study's name")
      .option("--json", "print JSON")
      .addHelpText("after", `\nExample:\n  $ stride ${name} quickstart`)
      .action(async (study: string, options: { json?: true }) => {
        await using opened = await openLaboratory(context.settings(), { create: false });
        const status = await opened.laboratory.setStudyState(study, state);
        console.log(options.json ? JSON.stringify(status, null, 2) : `${study} is ${status.state}`);
      });
  }

  program
    .command("retry")
    .description("run what failed of a study again, and only that")
    .argument("<study>", "the study's name")
    .option("--failed", "the failed ones (the only choice so far, said so that the command says what it does)")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  $ stride retry quickstart --failed")
    .action(async (study: string, options: { failed?: true; json?: true }) => {
      if (!options.failed) throw new InvalidArgument("say which trials to retry: stride retry STUDY --failed");
      await using opened = await openLaboratory(context.settings(), { create: false });
      const { laboratory } = opened;
      const retried = await laboratory.retryFailed(study);
      if (options.json) console.log(JSON.stringify({ study, retried }));
      else
        console.log(
          retriedText(await laboratory.study(study), { retried, agent: await laboratory.agentProgress(study) }),
        );
    });
}

interface Retried {
  /** Trials, or episodes. */
  readonly retried: number;
  readonly agent: AgentProgress | undefined;
}

/** An update has no episodes of its own: that it goes on shows in where its study is. */
function retriedText(status: StudyStatus, { retried, agent }: Retried): string {
  const { name } = status;
  if (agent === undefined) return `${retried} trials of ${name} will run again`;
  if (isOver(status)) return `nothing of ${name} is to be run again`;
  return `${retried} episodes of ${name} will be lived again; it goes on in iteration ${agent.iteration} of ${agent.iterations}`;
}
