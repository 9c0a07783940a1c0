import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noRedis } from "../../libs/queue/src/testing.js";
import { chart, noHelm } from "./helm-binary.mjs";
import { fullname, render } from "./helm-render.mjs";

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stride-chart-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("backup.sh", () => {
  /** Runs it with a pg_dump that writes down how it was called. */
  function backup({ url, keep = "3", fails = false }) {
    const [bin, dumps] = [join(folder, "bin"), join(folder, "dumps")];
    for (const path of [bin, dumps]) mkdirSync(path, { recursive: true });
    const lines = [
      "#!/bin/sh",
      'for argument; do case "$argument" in --file=*) file=$(echo "$argument" | cut -d= -f2);; esac; done',
    ];
    lines.push('printf "%s\\n" "$*" "password=$PGPASSWORD" "url=$BACKUP_URL" >"$file"', fails ? "exit 1" : "");
    writeFileSync(join(bin, "pg_dump"), lines.join("\n"), { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env.PATH}`, BACKUP_URL: url };
    const script = join(chart, "files/backup.sh");
    return { dumps, output: execFileSync("bash", [script, dumps, keep], { env, encoding: "utf8", stdio: "pipe" }) };
  }

  it.each([
    ["postgres://stride:secret@db:5432/stride", "postgres://stride@db:5432/stride", "secret"],
    ["postgresql://a:p%40%2Fs%25%5c@db/x?sslmode=verify-full", "postgresql://a@db/x?sslmode=verify-full", "p@/s%\\"],
    ["postgres://a:b\\n:c@db/x", "postgres://a@db/x", "b\\n:c"],
    ["postgres://stride@db/stride", "postgres://stride@db/stride", ""],
  ])("dumps %s with the password out of the command line", (url, shown, password) => {
    const { dumps, output } = backup({ url });
    const [name, ...more] = readdirSync(dumps);
    expect(more).toEqual([]);
    expect(name).toMatch(/^stride-\d{8}T\d{6}Z\.dump$/);
    expect(output).toBe(`made ${join(dumps, name)}\n`);
    const part = join(dumps, `${name}.part`);
    const call = `--format=custom --schema=stride --no-password --file=${part} --dbname=${shown}`;
    expect(readFileSync(join(dumps, name), "utf8")).toBe(`${call}\npassword=${password}\nurl=\n`);
    expect(statSync(join(dumps, name)).mode & 0o077).toBe(0);
  });

  it("keeps the newest, and nothing half made", () => {
    const dumps = join(folder, "dumps");
    mkdirSync(dumps);
    const old = ["20200101T000000Z", "20200102T000000Z", "20200103T000000Z"].map((time) => `stride-${time}.dump`);
    for (const name of [...old, "stride-20200104T000000Z.dump.part", "notes.txt"]) writeFileSync(join(dumps, name), "");
    const { output } = backup({ url: "postgres://a:b@c/d", keep: "2" });
    const left = readdirSync(dumps).filter((name) => name.startsWith("stride-"));
    expect(left.length).toBe(2);
    expect(left).toContain(old[2]);
    expect(output).toContain(`removed ${join(dumps, old[0])}\nremoved ${join(dumps, old[1])}\n`);
    expect(readdirSync(dumps)).toContain("notes.txt");
  });

  it("fails when pg_dump does, and leaves what there was", () => {
    const dumps = join(folder, "dumps");
    mkdirSync(dumps);
    writeFileSync(join(dumps, "stride-20200101T000000Z.dump"), "whole");
    expect(() => backup({ url: "postgres://a:b@c/d", keep: "1", fails: true })).toThrow();
    expect(readdirSync(dumps).filter((name) => name.endsWith(".dump"))).toEqual(["stride-20200101T000000Z.dump"]);
  });
});

describe.skipIf(noRedis !== undefined || noHelm !== undefined)(
  `the bundled Redis${noRedis || noHelm ? ` (skipped: ${noRedis ?? noHelm})` : ""}`,
  () => {
    const freePort = () =>
      new Promise((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
          const { port } = server.address();
          server.close(() => resolve(port));
        });
      });

    it("starts from the chart's files: with a password, an append-only file, and without dropping keys", async () => {
      const { data } = (await render("minimal")).find(
        ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === `${fullname}-redis`,
      );
      const port = await freePort();
      const [configuration, password, merged] = ["redis.conf", "password", "merged.conf"].map((name) =>
        join(folder, name),
      );
      writeFileSync(
        configuration,
        `${data["redis.conf"].replace("dir /data", `dir ${folder}`).replace(/^bind .*$/m, "bind 127.0.0.1")}port ${port}`,
      );
      writeFileSync(password, "f00d\n");
      writeFileSync(join(folder, "start.sh"), data["start.sh"]);
      chmodSync(folder, 0o755);
      const server = spawn("sh", [join(folder, "start.sh"), configuration, password, merged], { stdio: "ignore" });
      const redis = new Redis({ port, password: "f00d", lazyConnect: false, retryStrategy: () => 50 });
      redis.on("error", () => undefined);
      try {
        expect(await redis.ping()).toBe("PONG");
        const get = async (name) => (await redis.config("GET", name))[1];
        expect(await get("appendonly")).toBe("yes");
        expect(await get("maxmemory-policy")).toBe("noeviction");
        expect(Number(await get("maxmemory"))).toBe(340 * 2 ** 20);
        expect(statSync(merged).mode & 0o077).toBe(0);
        const command = readFileSync(`/proc/${server.pid}/cmdline`, "utf8");
        expect(command).not.toContain("f00d");
        const stranger = new Redis({ port, retryStrategy: () => null });
        stranger.on("error", () => undefined);
        await expect(stranger.get("x")).rejects.toThrow(/NOAUTH/);
        stranger.disconnect();
      } finally {
        redis.disconnect();
        server.kill("SIGKILL");
      }
    });
  },
);
