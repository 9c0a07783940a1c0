import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchExecutorCheck, launchWorker } from "./launch.js";

const folder = mkdtempSync(join(tmpdir(), "stride-worker-"));
/** A queue that takes connections and never says a word: a worker waits for it. */
let silent: Server;
beforeAll(async () => {
  silent = createServer((socket) => socket.on("error", () => undefined)).listen({ host: "127.0.0.1", port: 0 });
  await once(silent, "listening");
});
afterAll(() => {
  silent.close();
  rmSync(folder, { recursive: true });
});

const nothingSet = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => name.startsWith("STRIDE_"))
    .map((name) => [name, ""]),
);

/** The real, built worker, with what it prints. */
function launch(environment: Readonly<Record<string, string>>) {
  const file = join(folder, `${Object.values(environment).join("-").replace(/\W/g, "-")}-${Date.now()}.log`);
  const output = openSync(file, "w");
  const worker = launchWorker({ environment: { ...nothingSet, ...environment }, output });
  closeSync(output);
  const exit = once(worker, "exit").then(([code, signal]) => ({ code, signal, output: readFileSync(file, "utf8") }));
  return {
    worker,
    exit,
    async [Symbol.asyncDispose]() {
      worker.kill("SIGKILL");
      await exit;
    },
  };
}

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
        "got something else (not shown: it may hold a password); " +
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

describe("the check of executors", () => {
  it("lists as JSON which ones this machine can use", async () => {
    const check = launchExecutorCheck();
    let output = "";
    check.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    const [code] = await once(check, "close");
    expect(code).toBe(0);
    expect(JSON.parse(output)).toContainEqual(expect.objectContaining({ name: "tfjs-cpu", available: true }));
  });
});
