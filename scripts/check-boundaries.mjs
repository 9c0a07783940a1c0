/** Fails on a forbidden import. Run by `npm run lint`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { entryViolations, importsOf, lightEntries, rules, violation } from "./boundaries.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const sources = (folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((file) => /\.m?ts$/.test(file) && !/(^|\/)(dist|node_modules|gen)\//.test(file) && !file.endsWith(".d.ts"));

const problems = [];
const folders = ["libs", "apps"].flatMap((top) => readdirSync(join(root, top)).map((name) => `${top}/${name}`));
for (const folder of folders) {
  for (const file of sources(folder)) {
    for (const specifier of importsOf(readFileSync(join(root, folder, file), "utf8"))) {
      const reason = violation(folder, file, specifier);
      if (reason !== undefined) problems.push({ file: `${folder}/${file}`, specifier, reason });
    }
  }
  for (const name of Object.keys(lightEntries)) {
    const entry = join(root, folder, `src/${name}.ts`);
    if (!existsSync(entry)) continue;
    const found = entryViolations({
      folder,
      name,
      entry,
      read: (file) => readFileSync(file, "utf8"),
      resolve: (from, specifier) => resolve(dirname(from), specifier.replace(/\.js$/, ".ts")),
    });
    problems.push(...found.map((problem) => ({ ...problem, file: relative(root, problem.file) })));
  }
}
for (const { file, specifier, reason } of problems) console.error(`✖ ${file} imports "${specifier}": ${reason}`);
if (problems.length > 0) process.exit(1);
console.log(`Boundaries hold in ${folders.length} packages (${Object.keys(rules).length} rules).`);
