import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

/** Set when there is no redis-server here: why tests are skipped. With CI set that is a failure, not a skip. */
export const noRedis: string | undefined = (() => {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    if (process.env.CI === "true") throw new Error("redis-server is not on PATH, and CI must test with it");
    return "redis-server is not on PATH";
  }
})();

/** A real Redis of one test file, on a free port of loopback, with every write on disk before it is answered. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** As a crash of the machine's power would: nothing is tidied up. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  run(...command: [string, ...string[]]): Promise<unknown>;
}

export async function startRedis({ password, policy = "noeviction" }: { password?: string; policy?: string } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "stride-redis-"));
  const port = await freePort();
  const url = `redis://${password === undefined ? "" : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`;
  const options: Record<string, string> = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    appendonly: "yes",
    appendfsync: "always",
    "maxmemory-policy": policy,
    ...(password !== undefined && { requirepass: password }),
  };
  let server: ChildProcess | undefined;
  const start = async () => {
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "ignore"] });
    for await (const chunk of server.stdout ?? []) if (String(chunk).includes("Ready to accept connections")) break;
    server.stdout?.resume();
  };
  const kill = async () => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  };
  await start();
  const redis: RedisServer = {
    url,
    kill,
    restart: start,
    async run(...command) {
      const client = new Redis(url);
      try {
        return await client.call(...command);
      } finally {
        client.disconnect();
      }
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return redis;
}

/** A port of loopback where nothing listens. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen({ host: "127.0.0.1", port: 0 });
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
