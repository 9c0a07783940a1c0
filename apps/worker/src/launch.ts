import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { withoutSecrets } from "./without-secrets.js";

export type { ModuleAnswer, ModuleCheck } from "./check-messages.js";
export {
  type ClientSecuritySettings,
  clientSecurityOf,
  clientSecurityVariables,
  noConnection,
} from "./client-security.js";

export interface LaunchOptions {
  /** The worker's configuration (environment.ts), on top of this process's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the worker's log lines go: this terminal, a file descriptor, or nowhere. */
  readonly output: "inherit" | "ignore" | number;
}

/**
 * Starts a worker as a process of its own; secrets travel in its environment, never on its command line. The channel to it is a
 * lifeline: when this process dies, however it dies, the worker goes too.
 */
export function launchWorker({ environment, output }: LaunchOptions): ChildProcess {
  return spawn(process.execPath, [script("main.js")], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", output, output, "ipc"],
  });
}

/** Asks, in a process of its own, which executors this machine can use: the lines are JSON. */
export function launchExecutorCheck(): ChildProcess {
  return spawn(process.execPath, [script("check.js")], { stdio: ["ignore", "pipe", "ignore"] });
}

/**
 * Starts a process that checks users' modules, as it runs them: it takes a `ModuleCheck` after the other and answers each with a
 * `ModuleAnswer`. What modules print goes to standard error.
 */
export function launchModuleCheck(): ChildProcess {
  return spawn(process.execPath, [script("check-modules.js")], {
    env: withoutSecrets(process.env),
    stdio: ["ignore", 2, 2, "ipc"],
  });
}

/** Trains a cohort of one small trial, as JSON, in a process of its own; its last line is `{ learningRates }` as JSON. */
export function launchRuleTrace(cohort: string): ChildProcess {
  return spawn(process.execPath, [script("rule-trace.js"), cohort], { stdio: ["ignore", "pipe", "ignore"] });
}

/** The built script, also when this file runs from its source. */
function script(name: string): string {
  return fileURLToPath(new URL(`../dist/${name}`, import.meta.url));
}
