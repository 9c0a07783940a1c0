import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { canonicalJson, moduleHash, parseSweep, placeholderPolicy } from "@stride/experiment";
import { initialPolicy } from "@stride/schedules";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSubmission } from "./read-submission.js";

const policy = initialPolicy({
  every: 10,
  sees: { gradients: false, bound: false },
  actions: { kind: "discrete", factors: [0.5, 2] },
  range: { lowest: 0.01, highest: 100 },
  hidden: [2],
  critic: false,
  seed: 1,
});
const pretty = JSON.stringify(policy, null, 2);

let folder: string;
let outside: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stride-submission-"));
  await writeFile(join(folder, "tuner.json"), pretty);
  await writeFile(join(folder, "large.json"), " ".repeat(1024 * 1024 + 1));
  outside = await mkdtemp(join(tmpdir(), "stride-outside-"));
  await writeFile(join(outside, "secret.json"), "{}");
  await symlink(join(outside, "secret.json"), join(folder, "link.json"));
  await symlink(outside, join(folder, "away"));
  await symlink("/dev/zero", join(folder, "endless.json"));
  await mkdir(join(folder, "folder.json"));
  execFileSync("mkfifo", [join(folder, "pipe.json")]);
});
afterAll(async () => {
  for (const each of [folder, outside]) await rm(each, { recursive: true });
});

async function read(...references: readonly string[]) {
  const entries = references.map((reference, i) => `  - { name: p${i}, kind: policy, policy: ${reference} }\n`);
  const file = join(folder, "sweep.yaml");
  const rest = "learningRates: [0.1]\nseeds: { tuning: 0, report: 1 }\nsteps: 40\n";
  await writeFile(file, `study: s\ntasks: [{ kind: quadratic }]\nschedules:\n${entries.join("")}${rest}`);
  // Policies are read where no modules may be.
  return readSubmission(file, { allowModules: false });
}

describe("a sweep file with policies", () => {
  it("is refused where a path climbs out of its folder, and read where that stays below the command's own", async () => {
    const climbing = `../${basename(outside)}/secret.json`;
    await expect(read(climbing)).rejects.toThrow(`cannot read ${climbing}: it leads out of the sweep file's folder`);
    await mkdir(join(folder, "below"));
    await writeFile(join(folder, "below", "there.json"), pretty);
    expect((await read("below/../tuner.json", "below/there.json")).modules?.sources).toMatchObject({
      "below/there.json": pretty,
    });
  });

  it("is read with the files' texts, and placeholders for versions of the database", async () => {
    const submission = await read("./tuner.json", "tuner@3");
    expect(submission.modules).toEqual({
      sources: { "./tuner.json": pretty, "tuner@3": placeholderPolicy },
      costs: {},
    });
    const [filed, stored] = parseSweep(submission.source, submission).schedules.map(({ schedule }) => schedule);
    expect(filed).toMatchObject({ policy: "tuner.json", sha256: moduleHash(canonicalJson(policy)), every: 10 });
    expect(stored).toMatchObject({ policy: "tuner@3", sha256: moduleHash(placeholderPolicy), every: 1 });
  });

  it.each([
    ["./none.json", "cannot read ./none.json: there is no such file"],
    ["./large.json", "cannot read ./large.json: it must have at most 1048576 bytes, and has 1048577"],
    ["/etc/machine.json", "cannot read /etc/machine.json: it must be relative to the sweep file"],
    ["./link.json", "cannot read ./link.json: it leads out of the sweep file's folder"],
    ["away/secret.json", "cannot read away/secret.json: it leads out of the sweep file's folder"],
    ["./endless.json", "cannot read ./endless.json: it leads out of the sweep file's folder"],
    ["./pipe.json", "cannot read ./pipe.json: it is no regular file"],
    ["./folder.json", "cannot read ./folder.json: it is a folder"],
    ['"a\\0.json"', "cannot read a\0.json: it contains a NUL character"],
    ["./sweep.yaml", "must be NAME@VERSION (stride policy list) or a path that ends with .json"],
    ["tuner", "must be NAME@VERSION (stride policy list) or a path that ends with .json"],
  ])("is refused for %s, with the place", async (reference, says) => {
    await expect(read("./tuner.json", reference)).rejects.toThrow(`sweep.yaml:5:39 schedules[1].policy ${says}`);
  });
});
