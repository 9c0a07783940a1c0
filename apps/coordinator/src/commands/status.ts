import type { Command } from "commander";
import { openLaboratory } from "../connection.js";
import type { Context } from "../context.js";
import { formatStudies, phase, type StudyWithAgent, withAgents } from "../study-table.js";
import { exitCodeOfStudy, watchStudy } from "../watch-study.js";

/** As JSON; an agent's progress where there is one. */
function studyOutput(study: StudyWithAgent) {
  const { status, agent } = study;
  return { ...status, phase: phase(study), ...(agent === undefined ? {} : { agent }) };
}

/** `stride status [STUDY]` and `stride watch STUDY`. */
export function addStatus(program: Command, context: Context): void {
  program
    .command("status")
    .description("list the studies, or one, and how their trials, or episodes, stand")
    .argument("[study]", "a study's name")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  $ stride status quickstart --json")
    .action(async (name: string | undefined, options: { json?: true }) => {
      await using opened = await openLaboratory(context.settings(), { create: false });
      const { laboratory } = opened;
      const studies = name === undefined ? await laboratory.studies() : [await laboratory.study(name)];
      const rows = await withAgents(laboratory, studies);
      if (options.json) {
        const output = rows.map(studyOutput);
        console.log(JSON.stringify(name === undefined ? output : output[0], null, 2));
      } else {
        console.log(formatStudies(rows));
      }
    });

  program
    .command("watch")
    .description("follow a study until it is over; exits 1 when something of it has failed")
    .argument("<study>", "the study's name")
    .option("--json", "print its last status as JSON; progress goes to standard error")
    .addHelpText("after", "\nExample:\n  $ stride watch quickstart")
    .action(async (studyName: string, options: { json?: true }) => {
      await using opened = await openLaboratory(context.settings(), { create: false });
      const { laboratory } = opened;
      const study = await watchStudy({ laboratory, studyName, stream: process.stderr, signal: context.signal });
      const { agent } = study;
      if (options.json) console.log(JSON.stringify(studyOutput(study), null, 2));
      else if (agent?.done && agent.best !== null) {
        console.error(
          `learned ${agent.policyName}@${agent.best}; stride submit its sweep file again for the comparison that it may name`,
        );
      } else if (phase(study) === "failed") {
        console.error(`${studyName} cannot go on; to try again what failed: stride retry ${studyName} --failed`);
      }
      context.exit(exitCodeOfStudy(study, context.signal));
    });
}
