import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { noRedis, startRedis } from "./testing.js";

const built = fileURLToPath(new URL("../dist/index.js", import.meta.url));
const script = fileURLToPath(new URL("../test/loaded.mjs", import.meta.url));

it.skipIf(noRedis !== undefined)(
  `a process whose queue is on Redis never loads a Postgres driver, and ends by itself${noRedis ? ` (skipped: ${noRedis})` : ""}`,
  async () => {
    if (!existsSync(built))
      throw new Error("build the package first (npm run build): this test runs it in another process");
    await using redis = await startRedis();
    const { stdout } = await promisify(execFile)(process.execPath, [script, redis.url]);
    expect(JSON.parse(stdout)).toEqual({ bullmq: true, pg: false });
  },
);
