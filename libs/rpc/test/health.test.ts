import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createHealthClient, type HealthOptions, PortTaken, serveHealth } from "../src/index.js";
import { serving } from "./serving.js";

const probeScript = fileURLToPath(new URL("../dist/probe.js", import.meta.url));

/** Runs the built probe to its end. */
function probe(...args: string[]): Promise<{ readonly code: number; readonly said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [probeScript, ...args], (error, _stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stderr }),
    );
  });
}

const open = (options: Partial<HealthOptions> = {}) =>
  serveHealth({ address: "127.0.0.1:0", signal: new AbortController().signal, everyMs: 10, ...options });

/** Which of the services serve, as the probe sees them. */
async function states(port: number): Promise<Record<string, boolean>> {
  const services = ["liveness", "readiness", ""];
  const answers = await Promise.all(services.map((service) => probe(`127.0.0.1:${port}`, service)));
  return Object.fromEntries(services.map((service, place) => [service, answers[place]?.code === 0]));
}
const alive = { liveness: true, readiness: false, "": false };
const ready = { liveness: true, readiness: true, "": true };

describe("health", () => {
  it("is alive, and not ready before it is told what readiness needs", async () => {
    await using health = await open();
    expect(await states(health.port)).toEqual(alive);
  });

  it("is ready as long as what it needs answers, and tells of each change once", async () => {
    let broken = false;
    const changes: unknown[] = [];
    await using health = await open({ onChange: (...change) => changes.push(change) });
    health.watch(async () => {
      if (broken) throw new Error("the queue is away");
    });
    await expect.poll(() => changes.length).toBe(1);
    expect(await states(health.port)).toEqual(ready);
    broken = true;
    await expect.poll(() => changes.length).toBe(2);
    expect(await states(health.port)).toEqual(alive);
    broken = false;
    await expect.poll(() => changes.length).toBe(3);
    expect(changes).toEqual([
      [true, undefined],
      [false, "the queue is away"],
      [true, undefined],
    ]);
  });

  it("is not ready when an answer takes too long, and waits for no late one", async () => {
    let hangs = false;
    const changes: unknown[] = [];
    await using health = await open({ timeoutMs: 20, onChange: (...change) => changes.push(change) });
    health.watch(() => (hangs ? new Promise(() => {}) : Promise.resolve()));
    await expect.poll(() => changes.length).toBe(1);
    hangs = true;
    await expect.poll(() => changes.length).toBe(2);
    expect(changes.at(-1)).toEqual([false, "no answer within 20 ms"]);
  });

  it("asks no more often for being probed", async () => {
    let asked = 0;
    await using health = await open({ everyMs: 60_000 });
    health.watch(async () => {
      asked += 1;
    });
    for (const _ of [1, 2]) await states(health.port);
    expect(asked).toBe(1);
  });

  it("stops being ready the moment the process is asked to go, and stays alive until it goes", async () => {
    const leave = new AbortController();
    const changes: unknown[] = [];
    await using health = await open({ signal: leave.signal, onChange: (...change) => changes.push(change) });
    health.watch(async () => undefined);
    await expect.poll(() => changes.length).toBe(1);
    leave.abort();
    expect(changes.at(-1)).toEqual([false, "it is shutting down"]);
    expect(await states(health.port)).toEqual(alive);
  });

  it("refuses an address that is taken, or is none", async () => {
    await using health = await open();
    await expect(open({ address: `127.0.0.1:${health.port}` })).rejects.toThrow(PortTaken);
    await expect(open({ address: "50052" })).rejects.toThrow('health must be "host:port"');
  });
});

describe("the probe", () => {
  it("says what is wrong when there is nothing, a service nobody knows, or another protocol", async () => {
    expect(await probe("127.0.0.1:9", "liveness")).toMatchObject({
      code: 1,
      said: expect.stringContaining("ECONNREFUSED"),
    });
    await using health = await open();
    const unknown = await probe(`127.0.0.1:${health.port}`, "nonsense");
    expect(unknown).toMatchObject({ code: 1, said: expect.stringContaining("nonsense is not serving") });
    const silent = createServer((socket) => void socket.end("HTTP/1.1 200 OK\r\n\r\n")).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    expect((await probe(`127.0.0.1:${address.port}`)).code).toBe(1);
    silent.close();
  });

  it.each([[[]], [["nothing"]], [["http://127.0.0.1:1"]], [["127.0.0.1:1", "two words"]]])(
    "takes no %j",
    async (args) => {
      expect(await probe(...args)).toMatchObject({
        code: 1,
        said: expect.stringContaining("usage: probe.js HOST:PORT"),
      });
    },
  );

  it("gives up on a server that never answers", async () => {
    const deaf = createServer(() => {}).listen(0, "127.0.0.1");
    await once(deaf, "listening");
    const address = deaf.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const child = spawn(process.execPath, [probeScript, `127.0.0.1:${address.port}`], { stdio: "ignore" });
    expect(await once(child, "exit")).toEqual([1, null]);
    deaf.close();
  });
});

describe("the health client", () => {
  it("resolves while the coordinator serves, also one that wants a token, and rejects when it is gone", async () => {
    const server = await serving({ token: "secret" });
    await using client = createHealthClient({ address: server.address });
    await client.check();
    await server[Symbol.asyncDispose]();
    await expect(client.check()).rejects.toThrow(`cannot reach the coordinator at ${server.address}`);
  });
});
