/**
 * Writes the table of values into the chart's README: `node deploy/helm/readme.mjs`. A test holds it to values.yaml.
 * The description of a value is the comment above it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const marks = ["<!-- values -->", "<!-- /values -->"];

/**
 * Every value of a values file in its order; maps of further values where they have a comment, without a value.
 * @param {string} text of values.yaml, where maps are indented by two and lists and leaves stand on one line
 * @returns {{ path: string, value: string | undefined, comment: string }[]}
 */
export function valuesOf(text) {
  const found = [];
  const path = [];
  let comment = [];
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    const [, indent, key, value] = /^( *)([A-Za-z0-9]+):(?: (.*))?$/.exec(line) ?? [];
    if (/^ *# /.test(line)) comment.push(line.replace(/^ *# /, ""));
    else if (key === undefined) comment = [];
    else {
      path.splice(indent.length / 2, path.length, key);
      const items = listBelow(lines, at + 1);
      const leaf = value ?? (items.length > 0 ? `[${items.join(", ")}]` : undefined);
      if (leaf !== undefined || comment.length > 0)
        found.push({ path: path.join("."), value: leaf, comment: comment.join(" ") });
      comment = [];
    }
  }
  return found;
}

/** The items of the list that begins at a line; none where there is no list. */
function listBelow(lines, at) {
  const item = /^ *- (.*)$/.exec(lines[at] ?? "")?.[1];
  return item === undefined ? [] : [item, ...listBelow(lines, at + 1)];
}

/** @param {string} values text of values.yaml */
export function valuesTable(values) {
  const cell = (text) => text.replaceAll("|", "\\|");
  const code = (text) => (text === undefined ? "" : `\`${cell(text)}\``);
  const rows = valuesOf(values).map(
    ({ path, value, comment }) => `| ${code(path)} | ${code(value)} | ${cell(comment)} |`,
  );
  return ["| value | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

/**
 * @param {string} readme
 * @param {string} values text of values.yaml
 */
export function withTable(readme, values) {
  const [before, rest, ...more] = readme.split(marks[0]);
  const [, after, ...others] = rest?.split(marks[1]) ?? [];
  if (after === undefined || more.length + others.length > 0)
    throw new Error(`README.md must have ${marks.join(" and ")} once`);
  return `${before}${marks[0]}\n\n${valuesTable(values)}\n\n${marks[1]}${after}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = (name) => new URL(`stride/${name}`, import.meta.url);
  const readme = readFileSync(file("README.md"), "utf8");
  writeFileSync(file("README.md"), withTable(readme, readFileSync(file("values.yaml"), "utf8")));
}
