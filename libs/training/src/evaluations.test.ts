import { expect, it } from "vitest";
import { meanOverSteps } from "./evaluations.js";

it.each([
  {
    what: "a constant",
    curve: [
      { step: 0, loss: 3 },
      { step: 10, loss: 3 },
      { step: 15, loss: 3 },
    ],
    mean: 3,
  },
  {
    what: "a line",
    curve: [
      { step: 0, loss: 4 },
      { step: 8, loss: 0 },
    ],
    mean: 2,
  },
  {
    what: "uneven stretches, by their length",
    curve: [
      { step: 0, loss: 2 },
      { step: 2, loss: 0 },
      { step: 10, loss: 0 },
    ],
    mean: 0.2,
  },
  { what: "a single value", curve: [{ step: 0, loss: 7 }], mean: 7 },
])("is the mean of $what", ({ curve, mean }) => {
  expect(meanOverSteps(curve)).toBeCloseTo(mean, 12);
});
