import { readFileSync } from "node:fs";
import { mkdtemp, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileValue } from "./file-value.js";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stride-file-"));
  file = join(folder, "value");
  await writeFile(file, "one");
});
afterEach(() => rm(folder, { recursive: true }));

function reading() {
  const problems: string[] = [];
  let readings = 0;
  const value = fileValue({
    files: [file],
    read() {
      readings += 1;
      const text = readFileSync(file, "utf8");
      if (text === "bad") throw new Error("it is bad");
      return text;
    },
    onProblem: (error) => problems.push(error instanceof Error ? error.message : String(error)),
  });
  return { value, problems, readings: () => readings };
}

describe("a value of files", () => {
  it("is read once while nothing changes", () => {
    const { value, readings } = reading();
    expect([value.current(), value.current(), value.current()]).toEqual(["one", "one", "one"]);
    expect(readings()).toBe(1);
  });

  it.each(["written", "replaced"])("is the new one when the file is %s, of the same length too", async (how) => {
    const { value } = reading();
    const heard: string[] = [];
    value.subscribe((text) => heard.push(text));
    const target = how === "written" ? file : `${file}.draft`;
    await writeFile(target, "two");
    if (how === "replaced") await rename(target, file);
    expect([value.current(), value.current()]).toEqual(["two", "two"]);
    expect(heard).toEqual(["two"]);
  });

  it("follows a link that is exchanged, as a mounted secret's is", async () => {
    for (const name of ["a", "b"]) await writeFile(join(folder, name), name);
    await unlink(file);
    await symlink(join(folder, "a"), file);
    const { value } = reading();
    expect(value.current()).toBe("a");
    await symlink(join(folder, "b"), `${file}.new`);
    await rename(`${file}.new`, file);
    expect(value.current()).toBe("b");
  });

  it("stays as it was while the file is bad or gone, says so once a change, and goes on with the next good one", async () => {
    const { value, problems } = reading();
    await writeFile(file, "bad");
    expect([value.current(), value.current()]).toEqual(["one", "one"]);
    expect(problems).toEqual(["it is bad"]);
    await unlink(file);
    expect([value.current(), value.current()]).toEqual(["one", "one"]);
    expect(problems).toEqual(["it is bad", expect.stringContaining("ENOENT")]);
    await writeFile(file, "good");
    expect(value.current()).toBe("good");
    expect(problems).toHaveLength(2);
  });

  it("must be good at first", async () => {
    await writeFile(file, "bad");
    expect(() => reading()).toThrow("it is bad");
  });
});
