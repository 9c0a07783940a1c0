import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Every file of a folder by its path in it. */
async function contents(folder: string): Promise<Record<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map(async (file) => [file.slice(folder.length), await readFile(file, "utf8")]));
  return Object.fromEntries(texts.sort());
}

it("src/gen is what the proto files generate, and they pass buf's lint", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stride-generated-"));
  try {
    await promisify(execFile)(process.execPath, [here("../scripts/generate.mjs"), "--output", folder]);
    expect(await contents(folder)).toEqual(await contents(here("../src/gen")));
  } finally {
    await rm(folder, { recursive: true });
  }
});
