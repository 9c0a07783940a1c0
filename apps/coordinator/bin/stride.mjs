#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/main.js", import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error("stride is not built yet: run `npm install && npm run build` in the repository's root");
  process.exit(2);
}
await import(main.href);
