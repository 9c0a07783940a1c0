import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The line, from 1, at which an ES module cannot be parsed; undefined where it can be. An import does not tell it, `node --check` does, of a
 * file and without running it.
 */
export async function syntaxErrorLine(source: string): Promise<number | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "stride-module-"));
  try {
    const file = join(folder, "module.mjs");
    await writeFile(file, source);
    const said = await new Promise<string>((resolve) => {
      execFile(process.execPath, ["--check", file], (_error, _stdout, stderr) => resolve(stderr));
    });
    const found = /module\.mjs:(\d+)\n/.exec(said)?.[1];
    return found === undefined ? undefined : Number(found);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
