import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { scheduleKinds } from "../src/spec.js";

const page = readFileSync(new URL("../../../docs/schedules.md", import.meta.url), "utf8");
const fixture = JSON.parse(readFileSync(new URL("../fixtures/open-loop.json", import.meta.url), "utf8")) as {
  readonly versions: Readonly<Record<"torch" | "transformers", string>>;
  readonly schedulers: Readonly<Record<"torch" | "transformers", readonly string[]>>;
};

it.each(["torch", "transformers"] as const)("docs/schedules.md has a row for every scheduler of %s", (library) => {
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) => [...(row.split("|")[1] as string).matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(fixture.schedulers[library].filter((name) => !named.includes(name))).toEqual([]);
  expect(page).toContain(`${library} ${fixture.versions[library]}`);
});

it("docs/schedules.md names every kind of schedule", () => {
  const missing = scheduleKinds.filter(({ kind }) => !new RegExp(`(kind: |\`|\\[)${kind}\\b`).test(page));
  expect(missing.map(({ kind }) => kind)).toEqual([]);
});
