import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { InvalidArgument } from "@stride/experiment";
import type { ModuleCheck } from "@stride/worker/launch";
import { expect, it } from "vitest";
import { checkModules, requireModulesAllowed } from "./check-modules.js";

const script = fileURLToPath(new URL("../test/scripted-check.mjs", import.meta.url));
const started: ChildProcess[] = [];

function launch(): ChildProcess {
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  started.push(child);
  return child;
}

const check = (path: string): ModuleCheck => ({ kind: "task", source: "", spec: { path, options: {} } });

async function messages(paths: readonly string[], limitMs = 30_000): Promise<string[]> {
  started.length = 0;
  const found: string[] = [];
  for await (const answer of checkModules(paths.map(check), { limitMs, launch })) {
    found.push(answer.kind === "refused" ? answer.message : answer.kind);
  }
  return found;
}

/** Whether all that were launched are gone. */
async function allGone(): Promise<boolean> {
  await Promise.all(
    started.map((child) => (child.exitCode === null && child.signalCode === null ? once(child, "exit") : [])),
  );
  return true;
}

it("checks one module after the other in one process, which then goes", async () => {
  const found = await messages(["a.mjs", "b.mjs"]);
  expect(started).toHaveLength(1);
  expect(found).toEqual([`a.mjs in ${started[0]?.pid}`, `b.mjs in ${started[0]?.pid}`]);
  expect(await allGone()).toBe(true);
});

it("blames a module that ends the process, and checks the next in another", async () => {
  const found = await messages(["ends.mjs", "b.mjs"]);
  expect(found).toEqual(["it ended the process that checks it (exit code 3)", `b.mjs in ${started[1]?.pid}`]);
  expect(await allGone()).toBe(true);
});

it("gives up a module that does not end, and kills it", async () => {
  const found = await messages(["hangs.mjs", "b.mjs"], 2_000);
  expect(found).toEqual(["it was not checked within 2 seconds", `b.mjs in ${started[1]?.pid}`]);
  expect(await allGone()).toBe(true);
});

it("throws where the check itself breaks, and leaves no process", async () => {
  await expect(messages(["breaks.mjs"])).rejects.toThrow("checking breaks.mjs failed: a bug");
  expect(await allGone()).toBe(true);
});

it("launches nothing for nothing", async () => {
  expect(await messages([])).toEqual([]);
  expect(started).toEqual([]);
});

it("refuses modules where none may run, by the first one's name", () => {
  expect(() => requireModulesAllowed([], false)).not.toThrow();
  expect(() => requireModulesAllowed(["a.mjs"], true)).not.toThrow();
  expect(() => requireModulesAllowed(["a.mjs", "b.mjs"], false)).toThrow(InvalidArgument);
  expect(() => requireModulesAllowed(["a.mjs", "b.mjs"], false)).toThrow(/^a\.mjs is a module, and none are run here/);
});
