import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { displacementOf } from "./displacement.js";

beforeAll(() => tf.setBackend("cpu"));

it.each([
  { what: "a way shorter than the parameter's last digit", parameter: 1, displacement: 1e-9, expected: 1e-9 },
  { what: "the way that a step left", parameter: 1.25, displacement: 0.25, expected: 0.25 },
  { what: "where a projection put the parameter", parameter: 0.5, displacement: -0.75, expected: -0.5 },
])("is $what", ({ parameter, displacement, expected }) => {
  const given = { parameter: tf.scalar(parameter), initial: tf.scalar(1), displacement: tf.scalar(displacement) };
  expect(displacementOf(given).dataSync()[0]).toBe(Math.fround(expected));
});
