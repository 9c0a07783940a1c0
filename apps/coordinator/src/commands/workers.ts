import type { Command } from "commander";
import { openLaboratory } from "../connection.js";
import type { Context } from "../context.js";
import { formatTable } from "../output.js";
import { workerLine, workerState } from "../worker-table.js";

/** `stride workers`: who trains, on what, and how busy. */
export function addWorkers(program: Command, context: Context): void {
  program
    .command("workers")
    .description("list the workers heard of within a day: state, executor, cohorts in hand, devices")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  $ stride workers --json\n\n`lost`: it fell silent for more than 30 s without a last word.",
    )
    .action(async (options: { json?: true }) => {
      await using opened = await openLaboratory(context.settings(), { create: false });
      const workers = await opened.laboratory.workers();
      const now = new Date();
      if (options.json) {
        console.log(
          JSON.stringify(
            workers.map((worker) => ({ ...worker, state: workerState(worker, now) })),
            null,
            2,
          ),
        );
      } else {
        console.log(
          formatTable(
            workers.map((worker) => workerLine(worker, now)),
            { worker: "worker" },
          ),
        );
      }
    });
}
