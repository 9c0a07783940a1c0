import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { locate } from "../src/location.js";

export const isRoot = process.geteuid?.() === 0;

/** A folder for one test; what is still running or lying around of it at the end is removed. */
export async function testFolder({ closed = false } = {}): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "stride-embedded-test-"));
  await chmod(path, closed ? 0o700 : 0o711);
  const dispose = async () => {
    const { home } = await locate(path);
    const pid = await postmasterPid(home).catch(() => undefined);
    if (pid !== undefined) await kill(pid, "SIGQUIT");
    for (const folder of [home, path]) await rm(folder, { recursive: true, force: true });
    if (home !== path) await rmdir(dirname(home)).catch(() => undefined); // Kept while another cluster is in it.
  };
  return { path, [Symbol.asyncDispose]: dispose };
}

export async function postmasterPid(home: string): Promise<number> {
  return Number((await readFile(join(home, "cluster/data/postmaster.pid"), "utf8")).split("\n")[0]);
}

/** Sends the signal and waits until the process is gone. */
export async function kill(pid: number, signal: NodeJS.Signals): Promise<void> {
  const send = (name: NodeJS.Signals | 0) => {
    try {
      return process.kill(pid, name);
    } catch {
      return false;
    }
  };
  send(signal);
  while (send(0)) await new Promise((resolve) => setTimeout(resolve, 20));
}

export async function query<Row>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}

export interface Holder {
  readonly url: string;
  readonly attached: boolean;
  readonly process: ChildProcess;
  /** Lets it dispose and end. */
  release(): Promise<void>;
}

/** Another process that starts (or attaches to) the server of `directory`, under another account when asked. */
export async function hold(directory: string, account: { uid?: number; gid?: number } = {}): Promise<Holder> {
  const dist = fileURLToPath(new URL("../dist/index.js", import.meta.url));
  if (!existsSync(dist))
    throw new Error("build the package first (npm run build): this test runs it in other processes");
  const script = fileURLToPath(new URL("holder.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, directory], { stdio: ["pipe", "pipe", "pipe"], cwd: "/", ...account });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, "line"), once(child, "close").then(() => undefined)]);
  if (first === undefined) throw new Error(`the other process failed: ${errors}`);
  const release = async () => {
    const closed = once(child, "close");
    child.stdin.end();
    await closed;
  };
  return { ...(JSON.parse(String(first[0])) as { url: string; attached: boolean }), process: child, release };
}
