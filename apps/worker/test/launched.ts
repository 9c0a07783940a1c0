import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchWorker } from "../src/launch.js";

const stride = Object.keys(process.env).filter((name) => name.startsWith("STRIDE_"));
const nothingSet = Object.fromEntries(stride.map((name) => [name, ""]));

/** The real, built worker, with what it prints; killed when disposed. */
export function launch(environment: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "stride-worker-"));
  const file = join(folder, "log");
  const descriptor = openSync(file, "w");
  const worker = launchWorker({ environment: { ...nothingSet, ...environment }, output: descriptor });
  closeSync(descriptor);
  const output = () => readFileSync(file, "utf8");
  const exit = once(worker, "exit").then(([code, signal]) => ({ code, signal, output: output() }));
  return {
    worker,
    output,
    exit,
    async [Symbol.asyncDispose]() {
      worker.kill("SIGKILL");
      await exit;
      rmSync(folder, { recursive: true });
    },
  };
}
