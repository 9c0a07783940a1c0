/** Checks users' modules for the command line, one message after the other. Exits with whoever launched it. */
import { checkScheduleModule, checkTaskModule, ModuleRefused } from "@stride/training";
import type { ModuleAnswer, ModuleCheck } from "./check-messages.js";
import { syntaxErrorLine } from "./syntax-error-line.js";

async function answerTo(check: ModuleCheck): Promise<ModuleAnswer> {
  try {
    if (check.kind === "task") return { kind: "task", cost: await checkTaskModule(check) };
    await checkScheduleModule(check);
    return { kind: "schedule" };
  } catch (error) {
    if (!(error instanceof ModuleRefused)) {
      return { kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    const line = /^is not JavaScript/.test(error.message) ? await syntaxErrorLine(check.source) : undefined;
    return { kind: "refused", message: line === undefined ? error.message : `${error.message} (line ${line})` };
  }
}

process.on("message", (check: ModuleCheck) => {
  void answerTo(check).then((answer) => process.send?.(answer));
});
process.on("disconnect", () => process.exit(0));
