import { expect, it } from "vitest";
import { fashionMnistImages, fashionMnistPixels } from "./fashion-mnist.js";

const image = (pixels: Float32Array, i: number) =>
  pixels.subarray(i * fashionMnistPixels, (i + 1) * fashionMnistPixels);
const grey = (pixels: Float32Array) => [...pixels].map((value) => Math.round(255 * value));

it("reads every class as often, pixels in [0, 1]", async () => {
  const { pixels, labels, count } = await fashionMnistImages({ split: "test", count: 103 });
  expect({ pixels: pixels.length, labels: labels.length, count }).toEqual({
    pixels: 103 * 784,
    labels: 103,
    count: 103,
  });
  expect(Array.from({ length: 10 }, (_, label) => labels.filter((each) => each === label).length)).toEqual([
    11, 11, 11, 10, 10, 10, 10, 10, 10, 10,
  ]);
  expect([pixels.reduce((a, b) => Math.min(a, b)), pixels.reduce((a, b) => Math.max(a, b))]).toEqual([0, 1]);
});

it("takes a class's images spread evenly over the split", async () => {
  const some = await fashionMnistImages({ split: "test", count: 50 });
  const all = await fashionMnistImages({ split: "test", count: 10_000 });
  for (let j = 0; j < 5; j++) {
    for (let label = 0; label < 10; label++) {
      expect(image(some.pixels, 10 * j + label)).toEqual(image(all.pixels, 10 * (200 * j) + label));
    }
  }
});

it("begins with the images at the start of the package's file, and trains from its thousand and first on", async () => {
  const [test, training] = [
    await fashionMnistImages({ split: "test", count: 1 }),
    await fashionMnistImages({ split: "training", count: 1 }),
  ];
  // A T-shirt each. The package's file has an empty image between the two.
  expect(grey(test.pixels).slice(7, 13)).toEqual([9, 8, 0, 0, 34, 29]);
  expect(grey(training.pixels).slice(10, 15)).toEqual([114, 183, 112, 55, 23]);
});

it("reads every pixel of the 70,000 images as JSON.parse does: a mean of 72.9860 in 255", async () => {
  const total = async (split: "training" | "test", count: number) =>
    (await fashionMnistImages({ split, count })).pixels.reduce((sum, value) => sum + value, 0);
  const mean = ((await total("training", 60_000)) + (await total("test", 10_000))) / (70_000 * fashionMnistPixels);
  // JSON.parse over the ten files gives a mean of 72.95683 on the training images and of 73.16080 on the test images.
  expect(255 * mean).toBeCloseTo((6 * 72.95683 + 73.1608) / 7, 4);
});

it("is read once", () => {
  const request = { split: "test", count: 10 } as const;
  expect(fashionMnistImages(request)).toBe(fashionMnistImages({ ...request }));
});

it("says how many images there are when asked for more", async () => {
  await expect(fashionMnistImages({ split: "test", count: 10_001 })).rejects.toThrow(
    "10000 test images, asked for 10001",
  );
});
