import { expect, it } from "vitest";
import { differences } from "./draw-parameters.js";

const declared = { kind: "greedy", factor: 0.5, inner: { kind: "cosine", floor: 0 }, milestones: [1, 2] };

it.each([
  { changed: {}, says: {} },
  { changed: { factor: 0.25 }, says: { factor: 0.25 } },
  { changed: { inner: { kind: "cosine", floor: 0.1 } }, says: { "inner.floor": 0.1 } },
  { changed: { milestones: [1, 3], patience: 4 }, says: { milestones: [1, 3], patience: 4 } },
])("of a spec with $changed says $says", ({ changed, says }) => {
  expect(differences({ ...declared, ...changed }, declared)).toEqual(says);
});

it("says all of a spec that nothing was declared for", () => {
  expect(differences({ kind: "cosine", floor: 0 }, null)).toEqual({ kind: "cosine", floor: 0 });
});
