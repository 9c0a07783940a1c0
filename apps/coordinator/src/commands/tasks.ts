import { optimizerKinds } from "@stride/optimizers/spec";
import { taskKinds } from "@stride/tasks/spec";
import type { Command } from "commander";
import { formatTable } from "../output.js";

/** `stride tasks list`. */
export function addTasks(program: Command): void {
  program
    .command("tasks")
    .description("what can be trained")
    .command("list")
    .description("every task (and optimizer) with a line each")
    .option("--json", "print JSON")
    .action((options: { json?: true }) => {
      if (options.json) {
        console.log(JSON.stringify({ tasks: taskKinds, optimizers: optimizerKinds }, null, 2));
        return;
      }
      const line = ({ kind, description }: { kind: string; description: string }) => ({ kind, description });
      console.log(formatTable(taskKinds.map(line), { kind: "task" }));
      console.log(`\n${formatTable(optimizerKinds.map(line), { kind: "optimizer" })}`);
    });
}
