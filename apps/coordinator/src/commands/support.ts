import { chmod, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { Context } from "../context.js";
import { supportBundle } from "../support/bundle.js";

/** `stride support -o FILE`: what somebody else needs to know about this installation. */
export function addSupport(program: Command, context: Context): void {
  program
    .command("support")
    .description("write a support bundle: versions, settings, findings, studies, workers, logs; without secrets")
    .requiredOption("-o, --output <file>", "the JSON file to write, for its owner alone")
    .addHelpText(
      "after",
      "\nExample:\n  $ stride support -o stride-support.json\n\nRead it before you pass it on: it holds names of studies, hosts and workers.",
    )
    .action(async ({ output }: { output: string }) => {
      const bundle = await supportBundle(context.settings(), context.environment);
      await writeFile(output, bundle, { mode: 0o600 });
      await chmod(output, 0o600); // Also where the file was there before.
      console.error(`wrote ${output}: read it before you pass it on`);
    });
}
