import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { backends, quick } from "../test/backends.js";
import { cohort } from "../test/cohorts.js";

const script = fileURLToPath(new URL("../test/worker.mjs", import.meta.url));
const built = fileURLToPath(new URL("../dist/index.js", import.meta.url));

/** Another process that consumes; `next` is the next line it prints. */
async function startWorker(options: Readonly<Record<string, unknown>>) {
  if (!existsSync(built))
    throw new Error("build the package first (npm run build): this test runs it in other processes");
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  expect(await next()).toBe("ready");
  return { next, kill, [Symbol.asyncDispose]: kill };
}

describe.each(backends)("on $kind", ({ kind, missing, start, create }) => {
  it.skipIf(missing !== undefined)(
    `gives the cohort of a killed worker to another one${missing ? ` (skipped: ${missing})` : ""}`,
    async () => {
      await using server = await start();
      const options = { url: server.url, ...quick };
      await using queue = await create(options);
      await using first = await startWorker({ kind, ...options });
      await queue.add([cohort("orphan")]);
      expect(await first.next()).toBe("orphan");
      await using second = await startWorker({ kind, ...options });
      await first.kill();
      expect(await second.next()).toBe("orphan");
      expect([...(await queue.present(["orphan"]))]).toEqual(["orphan"]);
    },
  );
});
