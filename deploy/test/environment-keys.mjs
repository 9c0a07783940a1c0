/** The environment variables that coordinator, command line and workers read: the keys of their zod schemas, from their source. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const sources = ["apps/coordinator/src/settings.ts", "apps/worker/src/environment.ts"];

export function environmentKeys(root) {
  const texts = sources.map((path) => readFileSync(join(root, path), "utf8"));
  return new Set(texts.flatMap((text) => [...text.matchAll(/^\s+(STRIDE_[A-Z_]+):/gm)].map(([, name]) => name)));
}
