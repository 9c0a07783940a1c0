/** The environment variables that coordinator, command line and workers read, from their source: keys of zod schemas, and options' variables. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const reading = [/^\s+(STRIDE_[A-Z_]+):/gm, /\.env\(\s*"(STRIDE_[A-Z_]+)"/g, /\benvironment\.(STRIDE_[A-Z_]+)/g];

export function environmentKeys(root) {
  const folders = ["apps/coordinator/src", "apps/worker/src"].map((folder) => join(root, folder));
  const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => join(folder, file)));
  const texts = files
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => readFileSync(file, "utf8"));
  return new Set(
    texts.flatMap((text) => reading.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name))),
  );
}
