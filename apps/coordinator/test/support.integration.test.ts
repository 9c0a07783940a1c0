import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { noRedis, startRedis } from "@stride/queue/testing";
import { expect, it } from "vitest";
import { strideHome } from "./stride.js";

const sweep = `study: supported
tasks: [{ kind: quadratic, conditionNumber: 100 }]
optimizers: [{ kind: sgd }]
schedules: [{ kind: constant }]
learningRates: [0.01]
seeds: { tuning: 1, report: 1 }
steps: 20
`;

it.skipIf(noRedis !== undefined)(
  `a bundle tells how an installation stands, and none of its secrets ${noRedis ?? ""}`,
  async () => {
    const secrets = {
      token: "planted-token-1",
      redis: "planted-redis-2",
      headers: "planted-header-3",
      home: "planted-token-4",
      log: "planted-log-5",
      tls: "planted-path-6",
    };
    await using redis = await startRedis({ password: secrets.redis });
    await using stride = await strideHome({
      STRIDE_TOKEN: secrets.token,
      STRIDE_REDIS_URL: redis.url,
      OTEL_EXPORTER_OTLP_HEADERS: `api-key=${secrets.headers}`,
      STRIDE_TLS_CA_FILE: `/${secrets.tls}`,
      SOME_OTHER_SECRET: secrets.log,
    });
    const ran = await stride.run("run", await stride.write("sweep.yaml", sweep), "--workers", "1");
    expect(ran.code).toBe(0);
    const home = join(stride.folder, ".stride");
    await writeFile(join(home, "token"), secrets.home);
    await writeFile(
      join(home, "coordinator.json"),
      JSON.stringify({ address: "127.0.0.1:1", token: secrets.home, queueUrl: redis.url, pid: process.pid }),
    );
    await mkdir(join(home, "logs"), { recursive: true });
    const lines = [
      `a module printed ${secrets.log}`,
      JSON.stringify({
        level: 40,
        msg: "queue",
        error: `WRONGPASS ${secrets.redis}, ${secrets.home}`,
        env: secrets.log,
      }),
      JSON.stringify({
        level: 40,
        msg: "not announced",
        error: `Bearer ${secrets.log}; postgres://u:${secrets.log}@h/d`,
      }),
    ];
    await writeFile(join(home, "logs", "worker-planted.log"), `${lines.join("\n")}\n`);

    const file = join(stride.folder, "bundle.json");
    const { code, stdout, stderr } = await stride.run("support", "-o", file);
    expect(code).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, "utf8");
    for (const secret of Object.values(secrets)) {
      for (const place of [text, stdout, stderr]) expect(place).not.toContain(secret);
    }
    expect(JSON.parse(text)).toMatchObject({
      format: 1,
      node: process.version,
      settings: { STRIDE_TOKEN: "set (not shown)", STRIDE_REDIS_URL: new URL(redis.url).href.replace(/\/\/.*@/, "//") },
      doctor: expect.arrayContaining([expect.objectContaining({ check: "results database", state: "ok" })]),
      laboratory: { studies: [{ name: "supported", trials: { completed: 2 } }], workers: [{ executor: "onnx-cpu" }] },
      database: { migrations: expect.any(Number), bytes: expect.any(Number), load: { unfinishedCohorts: 0 } },
      queue: { kind: "Redis", jobs: { waiting: 0, active: 0 } },
      logs: expect.arrayContaining([
        {
          file: "worker-planted.log",
          otherLines: 1,
          lines: [expect.objectContaining({ error: "WRONGPASS ***, ***" }), expect.anything()],
        },
      ]),
    });
  },
);

it("a bundle of an empty folder says what there is not", async () => {
  await using stride = await strideHome({ STRIDE_COORDINATOR: "127.0.0.1:9" });
  const file = join(stride.folder, "bundle.json");
  expect((await stride.run("support", "-o", file)).code).toBe(0);
  const bundle = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  expect(bundle.laboratory).toMatchObject({
    unavailable: expect.stringContaining("cannot reach the coordinator at 127.0.0.1:9"),
  });
  expect(bundle.database).toEqual({ unavailable: "STRIDE_DATABASE_URL is not set" });
  expect(bundle.logs).toEqual([]);
});
