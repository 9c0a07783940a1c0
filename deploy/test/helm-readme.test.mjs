import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { valuesOf, withTable } from "../helm/readme.mjs";
import { chart } from "./helm-binary.mjs";

const values = readFileSync(join(chart, "values.yaml"), "utf8");
const readme = readFileSync(join(chart, "README.md"), "utf8");

describe("the chart's README", () => {
  it("is what readme.mjs makes of values.yaml", () => {
    expect(withTable(readme, values)).toBe(readme);
  });

  it("has every value, as YAML reads it", () => {
    const tree = parse(values);
    const found = valuesOf(values).filter(({ value }) => value !== undefined);
    for (const { path, value } of found) {
      const read = path.split(".").reduce((node, key) => node[key], tree);
      expect(parse(value), path).toEqual(read);
    }
    const leaves = (node, path) => {
      const known = found.some((each) => each.path === path);
      if (known || typeof node !== "object" || node === null || Array.isArray(node)) return [path];
      return Object.entries(node).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
    };
    const paths = leaves(tree, "").map((path) => found.find((each) => path === each.path)?.path);
    // Flow maps in `resources` and `workers` are one value.
    expect(paths).not.toContain(undefined);
    expect(new Set(paths)).toEqual(new Set(found.map(({ path }) => path)));
  });

  it("says what each value means", () => {
    const all = valuesOf(values);
    const told = new Set(all.filter(({ comment }) => comment !== "").map(({ path }) => path));
    const silent = all.filter(({ path }) => !told.has(path) && !told.has(path.replace(/\.\w+$/, "")));
    expect(silent.map(({ path }) => path)).toEqual([]);
    for (const { comment, path } of valuesOf(values)) if (comment !== "") expect(comment, path).toMatch(/\.$/);
  });
});

describe("valuesOf", () => {
  it("takes the comment above a value, lists, and maps on one line", () => {
    const text =
      "# One.\n# More.\na: 1\n\n# Both.\nb:\n  # Two.\n  c: { d: x }\n  # Three.\n  e:\n    - { f: 1 }\n    - 2\n";
    expect(valuesOf(text)).toEqual([
      { path: "a", value: "1", comment: "One. More." },
      { path: "b", value: undefined, comment: "Both." },
      { path: "b.c", value: "{ d: x }", comment: "Two." },
      { path: "b.e", value: "[{ f: 1 }, 2]", comment: "Three." },
    ]);
  });
});
