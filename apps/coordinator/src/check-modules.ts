import type { ChildProcess } from "node:child_process";
import { InvalidArgument } from "@stride/experiment";
import { launchModuleCheck, type ModuleAnswer, type ModuleCheck } from "@stride/worker/launch";

export interface CheckModulesOptions {
  /** How long one check may take, in milliseconds. */
  readonly limitMs?: number;
  /** The process that checks. */
  readonly launch?: () => ChildProcess;
}

/** A large network takes some ten seconds to compile. */
const usualLimitMs = 300_000;

/**
 * Checks uses of users' modules, one after the other, in a process of their own: TensorFlow.js never enters this one, and neither does their
 * code. Answers come in the order of the checks, as far as the process lived: one that a module ended or held up is blamed on it, and a
 * new process goes on.
 */
export async function* checkModules(
  checks: readonly ModuleCheck[],
  { limitMs = usualLimitMs, launch = launchModuleCheck }: CheckModulesOptions = {},
): AsyncGenerator<Exclude<ModuleAnswer, { readonly kind: "failed" }>> {
  let child: ChildProcess | undefined;
  try {
    for (const check of checks) {
      child ??= launch();
      const answer = await ask(child, check, limitMs);
      if (answer.kind === "failed") throw new Error(`checking ${check.spec.path} failed: ${answer.message}`);
      if (!child.connected) child = undefined;
      yield answer;
    }
  } finally {
    child?.disconnect();
  }
}

function ask(child: ChildProcess, check: ModuleCheck, limitMs: number): Promise<ModuleAnswer> {
  return new Promise((resolve) => {
    const settle = (answer: ModuleAnswer): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      // What it may still say is not asked for.
      child.on("error", () => {});
      resolve(answer);
    };
    const refuse = (message: string) => settle({ kind: "refused", message });
    const timer = setTimeout(() => {
      refuse(`it was not checked within ${limitMs / 1000} seconds`);
      child.kill("SIGKILL");
      if (child.connected) child.disconnect();
    }, limitMs);
    child.once("message", (answer) => settle(answer as ModuleAnswer));
    child.once("exit", (code, signal) => {
      if (child.connected) child.disconnect();
      refuse(`it ended the process that checks it (${signal ?? `exit code ${code}`})`);
    });
    child.once("error", (error) => settle({ kind: "failed", message: error.message }));
    child.send(check);
  });
}

/** Throws InvalidArgument where the operator wants no users' modules to run. */
export function requireModulesAllowed(paths: readonly string[], allowed: boolean): void {
  if (allowed || paths.length === 0) return;
  throw new InvalidArgument(
    `${paths[0]} is a module, and none are run here (STRIDE_ALLOW_MODULES=0): ask whoever operates this Stride`,
  );
}
