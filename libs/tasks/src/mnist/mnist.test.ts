import { expect, it } from "vitest";
import { mnistDigits, mnistPixels } from "./mnist.js";

it("reads every class, pixels in [0, 1]", async () => {
  const { pixels, labels, count } = await mnistDigits({ split: "test", count: 1000 });
  expect({ pixels: pixels.length, labels: labels.length, count }).toEqual({
    pixels: 784_000,
    labels: 1000,
    count: 1000,
  });
  expect([...new Set(labels)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of pixels) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  expect([least, most]).toEqual([0, 1]);
});

it("takes digits spread evenly over the split", async () => {
  const some = await mnistDigits({ split: "test", count: 5 });
  const all = await mnistDigits({ split: "test", count: 10_000 });
  for (let i = 0; i < 5; i++) {
    const digit = i * 2000;
    expect(some.labels[i]).toBe(all.labels[digit]);
    expect(some.pixels.subarray(i * mnistPixels, (i + 1) * mnistPixels)).toEqual(
      all.pixels.subarray(digit * mnistPixels, (digit + 1) * mnistPixels),
    );
  }
});

it("begins with the digit everyone knows: a five, with a mean brightness of 0.1377", async () => {
  const { pixels, labels } = await mnistDigits({ split: "training", count: 1 });
  expect(labels[0]).toBe(5);
  expect(pixels.reduce((sum, value) => sum + value, 0) / mnistPixels).toBeCloseTo(0.1377, 4);
});

it("is read once", () => {
  expect(mnistDigits({ split: "test", count: 10 })).toBe(mnistDigits({ split: "test", count: 10 }));
});

it("says how many digits there are when asked for more", async () => {
  await expect(mnistDigits({ split: "test", count: 10_001 })).rejects.toThrow("10000 test digits, asked for 10001");
});
