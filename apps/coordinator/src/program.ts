import { version } from "@stride/experiment";
import { Command } from "commander";
import { addControl } from "./commands/control.js";
import { addDb } from "./commands/db.js";
import { addDoctor } from "./commands/doctor.js";
import { addPolicy } from "./commands/policy.js";
import { addResults } from "./commands/results.js";
import { addRun } from "./commands/run.js";
import { addSchedule } from "./commands/schedule.js";
import { addStatus } from "./commands/status.js";
import { addPlan, addSubmit } from "./commands/submit.js";
import { addSupport } from "./commands/support.js";
import { addTasks } from "./commands/tasks.js";
import { addToken } from "./commands/token.js";
import { addUp } from "./commands/up.js";
import { addWorker } from "./commands/worker.js";
import { addWorkers } from "./commands/workers.js";
import type { Context } from "./context.js";

/** The whole command line; parsing it throws what went wrong and never exits. */
export function createProgram(context: Context): Command {
  const program = new Command("stride")
    .description("A distributed laboratory for learning-rate schedules.")
    .version(version)
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      "after",
      "\nStart here:\n  $ stride run sweeps/smoke.yaml\n\n" +
        "Environment: STRIDE_HOME (.stride), STRIDE_DATABASE_URL, STRIDE_REDIS_URL, STRIDE_COORDINATOR, STRIDE_TOKEN or STRIDE_TOKEN_FILE,\n" +
        "STRIDE_TLS_…, STRIDE_LEASE_MS, STRIDE_ALLOW_MODULES (docs/operating.md, docs/security.md, docs/observability.md).\n" +
        "Exit codes: 0 done, 1 the study has failed trials, 2 bad input, 3 a service cannot be reached, 130 interrupted; 70 a bug.",
    );
  addRun(program, context);
  addUp(program, context);
  addWorker(program, context);
  addWorkers(program, context);
  addPlan(program, context);
  addSubmit(program, context);
  addStatus(program, context);
  addControl(program, context);
  addResults(program, context);
  addPolicy(program, context);
  addSchedule(program);
  addTasks(program);
  addDb(program, context);
  addToken(program);
  addDoctor(program, context);
  addSupport(program, context);
  return program;
}
