/** docs/results as files: which are a study's, and the index over all. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { claimOf, indexTable, replaceBetween } from "./results-page.mjs";
import { curvePointsTried, largestDigest } from "./study-digest.mjs";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const folder = join(root, "docs/results");
const biome = join(root, "node_modules/@biomejs/biome/bin/biome");

/** Writes a digest with as many points a curve as it has room for, and gives it back as it was written. `digestWith(points)` makes it. */
export function writeDigest(study, digestWith) {
  const file = join(folder, `${study}.json`);
  for (const points of curvePointsTried) {
    writeFileSync(file, `${JSON.stringify(digestWith(points))}\n`);
    format(file);
    const text = readFileSync(file, "utf8");
    if (Buffer.byteLength(text) <= largestDigest) return { file, digest: JSON.parse(text) };
  }
  throw new Error(`${relative(root, file)} is larger than ${largestDigest} bytes even without curves`);
}

/** Writes a study's pictures in place of those that it had. */
export function writePictures(study, pictures) {
  const kinds = "win-rates|sensitivity|learning-curves|rates|bounds|effect|returns";
  const own = new RegExp(`^(${kinds})(-\\d+)?\\.svg$`);
  for (const name of readdirSync(folder))
    if (name.startsWith(`${study}-`) && own.test(name.slice(study.length + 1))) rmSync(join(folder, name));
  for (const picture of pictures) writeFileSync(join(folder, picture.file), picture.svg);
}

/** The last commit that changed more than result pages and their policies, and whether the working tree differs from it. */
export function commit() {
  const git = (...words) =>
    execFileSync("git", [...words, "--", ".", ":!docs/results", ":!sweeps/policies"], {
      cwd: root,
      encoding: "utf8",
    }).trim();
  return { id: git("log", "-1", "--format=%H"), changed: git("status", "--porcelain") !== "" };
}

/** The file in sweeps/ that declares a study; undefined where none does. */
export function sweepFileOf(study) {
  const declares = (name) =>
    readFileSync(join(root, "sweeps", name), "utf8")
      .split("\n")
      .includes(`study: ${study}`);
  const name = readdirSync(join(root, "sweeps"))
    .filter((each) => each.endsWith(".yaml"))
    .find(declares);
  return name === undefined ? undefined : `sweeps/${name}`;
}

/** Lists every page that has its numbers beside it, and formats the index with the files given. */
export function writeIndex() {
  const pages = readdirSync(folder)
    .filter((name) => name.endsWith(".json") && existsSync(join(folder, name.replace(/json$/, "md"))))
    .map((name) => {
      const { study, date, trials, learning } = JSON.parse(readFileSync(join(folder, name), "utf8"));
      const claim = claimOf(readFileSync(join(folder, `${study}.md`), "utf8"));
      const episodes =
        learning === undefined ? 0 : learning.cost.training.trainings + learning.cost.validation.trainings;
      return { study, date, claim, trials: Object.values(trials).reduce((total, count) => total + count, 0), episodes };
    });
  const index = join(folder, "README.md");
  writeFileSync(index, replaceBetween(readFileSync(index, "utf8"), "index", indexTable(pages)));
}

/** As `npm run lint` wants them. */
export function format(...files) {
  execFileSync(process.execPath, [biome, "format", "--write", ...files], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
  });
}
