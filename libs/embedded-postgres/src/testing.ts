import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { locate } from "./location.js";
import { startEmbeddedPostgres } from "./start.js";

/** An empty database of its own for one test file; dispose drops it. */
export interface FreshDatabase extends AsyncDisposable {
  readonly url: string;
}

let server: Promise<string> | undefined;

/**
 * A new, empty database on the server of STRIDE_TEST_DATABASE_URL, or on an embedded one that this process starts at its
 * first call. That server and its folder are removed when this process ends in whatever way, `kill -9` included.
 */
export async function freshDatabase(): Promise<FreshDatabase> {
  server ??= testServer();
  const url = await server;
  const name = `stride_test_${randomBytes(6).toString("hex")}`;
  await administer(url, `create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    [Symbol.asyncDispose]: () => administer(url, `drop database if exists ${name} with (force)`),
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function testServer(): Promise<string> {
  const given = process.env.STRIDE_TEST_DATABASE_URL;
  if (given) return given;
  const directory = await mkdtemp(join(tmpdir(), "stride-test-postgres-"));
  await chmod(directory, 0o711); // As root the server runs under another account.
  const { home } = await locate(directory);
  watch([...new Set([home, directory])]);
  // Tests lose nothing that matters in a crash of the machine, and this halves their time.
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
  return (await startEmbeddedPostgres({ directory, settings })).url;
}

/**
 * Starts a shell that waits for the end of its input, which is our end, then kills the server and removes the folders.
 * A hook inside this process would not run when it is killed.
 */
function watch(folders: readonly string[]): void {
  const script = `
    cat >/dev/null
    for folder in "$@"; do
      file="$folder/cluster/data/postmaster.pid"
      pid=$(head -n 1 "$file" 2>/dev/null)
      if [ -n "$pid" ]; then
        kill -QUIT "$pid" 2>/dev/null
        tries=100
        while [ -e "$file" ] && kill -0 "$pid" 2>/dev/null && [ $tries -gt 0 ]; do sleep 0.05; tries=$((tries - 1)); done
      fi
      rm -rf "$folder"
    done
    sleep 1 # for what an initdb or a server that just began has still written
    rm -rf "$@"`;
  const watcher = spawn("/bin/sh", ["-c", script, "sh", ...folders], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.unref();
  if (watcher.stdin !== null && "unref" in watcher.stdin && typeof watcher.stdin.unref === "function")
    watcher.stdin.unref();
}
