import { chmod, chown, mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { hold, isRoot, query, testFolder } from "../test/harness.js";
import { privateRoot } from "./private-root.js";
import { canReach, findServerUser, parseAccounts, type ServerUser } from "./server-user.js";
import { startEmbeddedPostgres } from "./start.js";

const nobody: ServerUser = { name: "nobody", uid: 65534, gid: 65534 };

describe.skipIf(!isRoot)("as root (skipped: this run is not root's)", () => {
  it("serves a folder closed to others from one that the unprivileged account can reach", async () => {
    await using folder = await testFolder({ closed: true });
    const first = await startEmbeddedPostgres({ directory: folder.path });
    await query(first.url, "create table kept as select 42 as value");
    const home = (await readFile(join(folder.path, "location"), "utf8")).trim();
    const found = await stat(home);
    expect(found.mode & 0o777).toBe(0o700);
    expect(found.uid).toBe((await findServerUser())?.uid);
    await first[Symbol.asyncDispose]();

    await using second = await startEmbeddedPostgres({ directory: folder.path });
    expect(await query(second.url, "select value from kept")).toEqual([{ value: 42 }]);
  });

  it("ends with one home when two processes start at once in a closed folder", async () => {
    await using folder = await testFolder({ closed: true });
    const holders = await Promise.all([hold(folder.path), hold(folder.path)]);
    expect(holders.filter(({ attached }) => !attached)).toHaveLength(1);
    for (const each of holders.sort((a, b) => Number(b.attached) - Number(a.attached))) await each.release();
  });

  it("lets an ordinary user's process start a server, and root's attach to it and take it over", async (context) => {
    if (!(await canReach(nobody, fileURLToPath(new URL("../dist", import.meta.url)))))
      context.skip("this clone lies in a folder closed to other users");
    await using folder = await testFolder();
    const directory = join(folder.path, "postgres");
    await mkdir(directory);
    await chown(directory, nobody.uid, nobody.gid);
    const user = await hold(directory, { uid: nobody.uid, gid: nobody.gid });
    expect(user.attached).toBe(false);
    const root = await startEmbeddedPostgres({ directory });
    expect(root).toMatchObject({ attached: true, url: user.url });
    await user.release();
    await root[Symbol.asyncDispose]();
    await using later = await startEmbeddedPostgres({ directory });
    expect(later.attached, "served by its owner's account").toBe(false);
    await later[Symbol.asyncDispose]();
    const again = await hold(directory, { uid: nobody.uid, gid: nobody.gid });
    expect(again.url).toBe(user.url);
    await again.release();
  });

  it("refuses a folder planted by another account, and says what to do when none is usable", async () => {
    await using folder = await testFolder();
    const planted = join(folder.path, "stride-postgres");
    await mkdir(planted);
    await chown(planted, nobody.uid, nobody.gid);
    const closed = join(folder.path, "closed");
    await mkdir(closed, { mode: 0o700 });
    const failure = privateRoot(nobody, [folder.path, closed, "/proc/nowhere"]);
    await expect(failure).rejects.toThrow(/not a folder that only root may write to/);
    await expect(failure).rejects.toThrow(/closed\/stride-postgres: nobody cannot reach it/);
    await expect(failure).rejects.toThrow(/run as an ordinary user, or set STRIDE_DATABASE_URL/);
    const open = join(folder.path, "open");
    await mkdir(open, { mode: 0o755 });
    expect(await privateRoot(nobody, [closed, open])).toBe(join(open, "stride-postgres"));
  });
});

it("reads accounts from a passwd file", () => {
  expect(parseAccounts("root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:\n\nbroken")).toEqual([
    { name: "root", uid: 0, gid: 0 },
    { name: "nobody", uid: 65534, gid: 65533 },
  ]);
});

it("finds a folder reachable only when every folder above lets the account through", async () => {
  await using folder = await testFolder();
  const inner = join(folder.path, "inner");
  await mkdir(inner, { mode: 0o755 });
  const stranger: ServerUser = { name: "stranger", uid: 54321, gid: 54321 };
  expect(await canReach(stranger, inner)).toBe(true);
  await chmod(folder.path, 0o700);
  expect(await canReach(stranger, inner)).toBe(false);
  const { uid, gid } = await stat(folder.path);
  expect(await canReach({ name: "owner", uid, gid }, inner)).toBe(true);
});
