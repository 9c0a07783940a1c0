import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hold, kill, postmasterPid, query, testFolder } from "../test/harness.js";
import { isAlive } from "./process-identity.js";
import { startEmbeddedPostgres } from "./start.js";

const port = (url: string) => Number(new URL(url).port);

it("keeps data, address and password from one start to the next", async () => {
  await using folder = await testFolder();
  const first = await startEmbeddedPostgres({ directory: folder.path });
  expect(first.attached).toBe(false);
  await query(first.url, "create table kept as select 42 as value");
  const pid = await postmasterPid(folder.path);
  await first[Symbol.asyncDispose]();
  expect(isAlive(pid)).toBe(false);

  await using second = await startEmbeddedPostgres({ directory: folder.path });
  expect(second).toMatchObject({ attached: false, url: first.url });
  expect(await query(second.url, "select value from kept")).toEqual([{ value: 42 }]);
});

it("promises durability, listens on loopback alone and has room for many clients", async () => {
  await using folder = await testFolder();
  await using server = await startEmbeddedPostgres({ directory: folder.path });
  const names = ["fsync", "full_page_writes", "synchronous_commit", "listen_addresses", "max_connections"];
  const rows = await query(
    server.url,
    `select name, setting from pg_settings where name in ('${names.join("','")}') order by name`,
  );
  expect(rows).toEqual([
    { name: "fsync", setting: "on" },
    { name: "full_page_writes", setting: "on" },
    { name: "listen_addresses", setting: "127.0.0.1" },
    { name: "max_connections", setting: "100" },
    { name: "synchronous_commit", setting: "on" },
  ]);
});

it("keeps the password in one file that only its owner may read", async () => {
  await using folder = await testFolder();
  await using server = await startEmbeddedPostgres({ directory: folder.path });
  const { password } = new URL(server.url);
  const file = join(folder.path, "cluster/password");
  expect((await readFile(file, "utf8")).trim()).toBe(password);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const wrong = server.url.replace(password, "guessed");
  await expect(query(wrong, "select 1")).rejects.toThrow(/password authentication failed/);
  const pid = await postmasterPid(folder.path);
  for (const exposed of [join(folder.path, "cluster/postgres.log"), join(folder.path, "cluster/data/postmaster.opts")])
    expect(await readFile(exposed, "utf8")).not.toContain(password);
  expect(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).not.toContain(password);
});

it("attaches to a running server and leaves it running", async () => {
  await using folder = await testFolder();
  await using server = await startEmbeddedPostgres({ directory: folder.path });
  const guest = await hold(folder.path);
  expect(guest).toMatchObject({ attached: true, url: server.url });
  await guest.release();
  expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
});

it("ends with one server when several processes start at once", async () => {
  await using folder = await testFolder();
  const holders = await Promise.all([hold(folder.path), hold(folder.path), hold(folder.path)]);
  expect(holders.filter(({ attached }) => !attached)).toHaveLength(1);
  expect(new Set(holders.map(({ url }) => url)).size).toBe(1);
  expect((await readdir(folder.path)).sort()).toEqual(["cluster"]);
  const guests = holders.filter(({ attached }) => attached);
  const starter = holders.find(({ attached }) => !attached);
  for (const each of [...guests, ...(starter ? [starter] : [])]) await each.release();
  await expect(postmasterPid(folder.path)).rejects.toThrow("ENOENT");
});

it("survives the kill of its starter, and the next to dispose stops it", async () => {
  await using folder = await testFolder();
  const starter = await hold(folder.path);
  await query(starter.url, "create table kept as select 42 as value");
  const closed = once(starter.process, "close");
  starter.process.kill("SIGKILL");
  await closed;

  const heir = await startEmbeddedPostgres({ directory: folder.path });
  expect(heir.attached).toBe(true);
  expect(await query(heir.url, "select value from kept")).toEqual([{ value: 42 }]);
  await heir[Symbol.asyncDispose]();
  await expect(postmasterPid(folder.path)).rejects.toThrow("ENOENT");
  await expect(query(heir.url, "select 1")).rejects.toThrow("ECONNREFUSED");
});

it("loses nothing that was committed when the server is killed", async () => {
  await using folder = await testFolder();
  const first = await startEmbeddedPostgres({ directory: folder.path });
  await query(first.url, "create table kept as select generate_series(1, 1000) as value");
  await kill(await postmasterPid(folder.path), "SIGKILL");
  await using second = await startEmbeddedPostgres({ directory: folder.path });
  expect(second.attached).toBe(false);
  expect(await query(second.url, "select count(*)::int as count from kept")).toEqual([{ count: 1000 }]);
  await first[Symbol.asyncDispose]();
  expect(await query(second.url, "select 1 as one"), "the first handle stops only its own server").toEqual([
    { one: 1 },
  ]);
});

it("starts although the pid file names a living process that is another program", async () => {
  await using folder = await testFolder();
  const first = await startEmbeddedPostgres({ directory: folder.path });
  const file = join(folder.path, "cluster/data/postmaster.pid");
  const pidFile = await readFile(file, "utf8");
  await first[Symbol.asyncDispose]();
  const stranger = spawn("sleep", ["60"]);
  try {
    await writeFile(file, pidFile.replace(/^\d+/, String(stranger.pid)), { mode: 0o600 });
    await using second = await startEmbeddedPostgres({ directory: folder.path });
    expect(second.attached).toBe(false);
    expect(await query(second.url, "select 1 as one")).toEqual([{ one: 1 }]);
  } finally {
    stranger.kill();
  }
});

it("takes another port when its own is in use", async () => {
  await using folder = await testFolder();
  const first = await startEmbeddedPostgres({ directory: folder.path });
  await first[Symbol.asyncDispose]();
  const squatter = createServer().listen({ host: "127.0.0.1", port: port(first.url) });
  await once(squatter, "listening");
  try {
    await using second = await startEmbeddedPostgres({ directory: folder.path });
    expect(port(second.url)).not.toBe(port(first.url));
  } finally {
    squatter.close();
  }
});

it("refuses data of another major version, naming both", async () => {
  await using folder = await testFolder();
  await mkdir(join(folder.path, "cluster/data"), { recursive: true });
  await writeFile(join(folder.path, "cluster/data/PG_VERSION"), "16\n");
  await expect(startEmbeddedPostgres({ directory: folder.path })).rejects.toThrow(
    /written by PostgreSQL 16, and this is 18/,
  );
});

it("says so when the folder cannot be made", async () => {
  await using folder = await testFolder();
  await writeFile(join(folder.path, "file"), "");
  await expect(startEmbeddedPostgres({ directory: join(folder.path, "file/postgres") })).rejects.toThrow(
    /cannot make the database folder .*file\/postgres: ENOTDIR/,
  );
});
