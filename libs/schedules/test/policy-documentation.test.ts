import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { describeFeatures } from "../src/policy/features.js";

const page = readFileSync(new URL("../../../docs/learning-a-schedule.md", import.meta.url), "utf8");

it("docs/learning-a-schedule.md lists the features of a decision in their order, with their meanings", () => {
  const rows = page
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter(([, , , where]) => where === "always" || where?.startsWith("`sees."))
    .map(([, name, meaning]) => [name?.replaceAll("`", ""), meaning]);
  expect(rows).toEqual(describeFeatures({ gradients: true, bound: true }));
});
