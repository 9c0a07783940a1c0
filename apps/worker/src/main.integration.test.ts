import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { createMemoryResultStore, version } from "@stride/experiment";
import { noRedis, startRedis } from "@stride/queue/testing";
import { serveGrpc } from "@stride/rpc";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { launch } from "../test/launched.js";
import { launchExecutorCheck } from "./launch.js";

/** Workers ask nothing of it. */
const nobody = {} as Parameters<typeof serveGrpc>[0]["laboratory"];

/** A queue that takes connections and never says a word: a worker waits for it. */
let silent: Server;
beforeAll(async () => {
  silent = createServer((socket) => socket.on("error", () => undefined)).listen({ host: "127.0.0.1", port: 0 });
  await once(silent, "listening");
});
afterAll(() => {
  silent.close();
});

function onSilentQueue(): Readonly<Record<string, string>> {
  const address = silent.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { STRIDE_COORDINATOR: "127.0.0.1:1", STRIDE_QUEUE_URL: `redis://:hunter2@127.0.0.1:${address.port}` };
}

describe("a worker process", () => {
  it("with a bad environment exits with 2 and says in one line what to set", async () => {
    await using launched = launch({ STRIDE_QUEUE_URL: "amqp://:hunter2@queue", STRIDE_SLOTS: "none" });
    const { code, output } = await launched.exit;
    expect(code).toBe(2);
    expect(output).toBe(
      "stride worker: the environment cannot be used: " +
        "STRIDE_COORDINATOR must be host:port or [IPv6]:port, with a port up to 65535, and is not set; " +
        "STRIDE_QUEUE_URL must be a URL that starts with redis://, rediss://, postgres:// or postgresql://, " +
        "got something else (not shown: it is secret); " +
        'STRIDE_SLOTS must be a whole number from 1 to 256, got "none"\n',
    );
  });

  it("exits with 3 and says in one line when its queue cannot be reached", async () => {
    const queue = "redis://:hunter2@127.0.0.1:1";
    await using launched = launch({ STRIDE_COORDINATOR: "127.0.0.1:1", STRIDE_QUEUE_URL: queue });
    const { code, output } = await launched.exit;
    expect(code).toBe(3);
    expect(output).toMatch(/^stride worker: the queue at 127\.0\.0\.1:1 does not answer: .*\n$/m);
    expect(output).not.toContain("hunter2");
  });

  it("goes when the process that launched it hangs up", async () => {
    const connected = once(silent, "connection");
    await using launched = launch(onSilentQueue());
    await connected;
    launched.worker.disconnect();
    expect(await launched.exit).toEqual({ code: 0, signal: null, output: "" });
  });

  it("goes also when that happens before it is up", async () => {
    await using launched = launch(onSilentQueue());
    launched.worker.disconnect();
    expect(await launched.exit).toEqual({ code: 0, signal: null, output: "" });
  });
});

describe.skipIf(noRedis !== undefined)("a worker process with a queue", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "goes with 0 at %s, and its output is one JSON object a line",
    async (signal) => {
      await using redis = await startRedis();
      const store = createMemoryResultStore();
      await using coordinator = await serveGrpc({ address: "127.0.0.1:0", reporter: store, laboratory: nobody });
      const { address } = coordinator;
      const environment = { STRIDE_COORDINATOR: address, STRIDE_QUEUE_URL: redis.url, STRIDE_WORKER_ID: "w" };
      await using launched = launch({ ...environment, STRIDE_SLOTS: "2" });
      await vi.waitFor(() => expect(launched.output()).toContain("worker ready"), { timeout: 30_000 });
      launched.worker.kill(signal);
      const { code, output } = await launched.exit;
      expect(code).toBe(0);
      const lines = output.trim().split("\n");
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { worker: "w", msg: "waiting for the coordinator", coordinator: address, pid: launched.worker.pid },
        { worker: "w", msg: "worker ready", executor: "onnx-cpu", slots: 2 },
        { worker: "w", msg: "worker gone" },
      ]);
      const [row] = await store.workers({ withinMs: 60_000 });
      expect(row).toMatchObject({ workerId: "w", executor: "onnx-cpu", slots: 2, busy: 0, state: "gone", version });
    },
  );

  it("waits for a coordinator that is away, and goes with 0 meanwhile", async () => {
    await using redis = await startRedis();
    await using launched = launch({ STRIDE_COORDINATOR: "127.0.0.1:1", STRIDE_QUEUE_URL: redis.url });
    await vi.waitFor(() => expect(launched.output()).toContain("waiting for the coordinator"), { timeout: 30_000 });
    launched.worker.kill("SIGTERM");
    expect((await launched.exit).code).toBe(0);
  });

  it("goes with 2 where the coordinator understands other protocols alone, and says what to upgrade", async () => {
    await using redis = await startRedis();
    const protocols = { oldest: 7, newest: 7 };
    const options = { address: "127.0.0.1:0", reporter: createMemoryResultStore(), laboratory: nobody, protocols };
    await using coordinator = await serveGrpc(options);
    await using launched = launch({ STRIDE_COORDINATOR: coordinator.address, STRIDE_QUEUE_URL: redis.url });
    const { code, output } = await launched.exit;
    expect(code).toBe(2);
    expect(output).toContain(
      "is of another version: the caller speaks protocol 1, this coordinator 7: upgrade the caller",
    );
  });
});

describe("the check of executors", () => {
  it("lists as JSON which ones this machine can use", async () => {
    const check = launchExecutorCheck();
    let output = "";
    check.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    const [code] = await once(check, "close");
    expect(code).toBe(0);
    const { executors, devices, notes } = JSON.parse(output.trim().split("\n").at(-1) ?? "");
    expect(executors).toContainEqual({ name: "tfjs-cpu", available: true });
    expect(devices.length + notes.length).toBeGreaterThan(0);
  });
});
