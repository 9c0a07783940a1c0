import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { InvalidArgument } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { LaboratoryServiceClient, type SubmitResponse } from "../src/gen/stride/v1/laboratory.js";
import { WorkerServiceClient } from "../src/gen/stride/v1/worker.js";
import { PortTaken, RemoteFailure, Unauthenticated, Unreachable } from "../src/index.js";
import { memoryLaboratory } from "./memory-laboratory.js";
import { memoryReporter } from "./memory-reporter.js";
import { gate, impatient, patient, serving, start } from "./serving.js";

const begun = { kind: "continue", token: 1 };

describe("the token", () => {
  const token = "correct-horse";

  it("opens the server to a client that sends it", async () => {
    await using server = await serving({ token });
    await using client = impatient(server.address, { token });
    expect(await client.startAttempt(start)).toEqual(begun);
  });

  it.each([["wrong"], ["correct-hors"], ["correct-horse-"], [undefined]])(
    "is not %j, and the error says what to set",
    async (sent) => {
      const reporter = memoryReporter();
      await using server = await serving({ token, reporter });
      await using client = patient(server.address, sent === undefined ? {} : { token: sent });
      const failure = await client.startAttempt(start).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Unauthenticated);
      expect(String(failure)).toContain(`the coordinator at ${server.address} refused the token: set STRIDE_TOKEN`);
      expect(String(failure)).not.toContain(token);
      expect(reporter.calls).toEqual([]);
    },
  );

  it("is not asked of a client when the server has none", async () => {
    await using server = await serving();
    await using client = impatient(server.address, { token: "any" });
    expect(await client.startAttempt(start)).toEqual(begun);
  });

  it.each(["", "two words", "line\n", "größe"])(
    "must not be %j, which no header carries, and is not shown",
    async (bad) => {
      const message = "token must be 1 to 1024 visible ASCII characters without spaces (it is not shown here)";
      await expect(serving({ token: bad })).rejects.toThrow(new InvalidArgument(message));
      expect(() => impatient("127.0.0.1:1", { token: bad })).toThrow(new InvalidArgument(message));
    },
  );
});

describe("the address", () => {
  it("with port 0 takes a free port and tells it", async () => {
    await using one = await serving();
    await using other = await serving();
    expect(one.port).toBeGreaterThan(0);
    expect(one.address).toBe(`127.0.0.1:${one.port}`);
    expect(other.port).not.toBe(one.port);
  });

  it("may be a name", async () => {
    await using server = await serving({ address: "localhost:0" });
    await using client = impatient(`localhost:${server.port}`);
    expect(await client.startAttempt(start)).toEqual(begun);
  });

  it.each(["0.0.0.0:0", "[::]:0"])("%s is refused without a token, since others can reach it", async (address) => {
    const failure = await serving({ address }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidArgument);
    expect(String(failure)).toMatch(/without a token.*set STRIDE_TOKEN, or listen on 127\.0\.0\.1/);
  });

  it("0.0.0.0 is taken with a token", async () => {
    await using server = await serving({ address: "0.0.0.0:0", token: "t" });
    await using client = impatient(`127.0.0.1:${server.port}`, { token: "t" });
    expect(await client.startAttempt(start)).toEqual(begun);
  });

  it.each([["nonsense"], ["127.0.0.1"], ["127.0.0.1:99999"]])("%j is refused", async (address) => {
    await expect(serving({ address })).rejects.toThrow(/^address must be "host:port"/);
  });

  it("of another machine, or of none, is refused", async () => {
    const own = Object.values(networkInterfaces()).flat();
    expect(own.some((network) => network?.address === "192.0.2.1")).toBe(false);
    await expect(serving({ address: "192.0.2.1:0", token: "t" })).rejects.toThrow(/cannot listen on 192\.0\.2\.1:0/);
    await expect(serving({ address: "no.such.host.invalid:0" })).rejects.toThrow(
      /cannot find the host "no.such.host.inv/,
    );
  });

  it.each(["a server of ours", "another program"])("in use by %s is a taken port, by its name", async (kind) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    await using ours = await serving();
    const bound = other.address();
    const foreign = typeof bound === "object" && bound !== null ? `127.0.0.1:${bound.port}` : "";
    const address = kind === "another program" ? foreign : ours.address;
    const failure = await serving({ address }).catch((error: unknown) => error);
    other.close();
    expect(failure).toBeInstanceOf(PortTaken);
    expect(failure).toMatchObject({ address });
    expect(String(failure)).toContain(`${address} is already in use: stop the program`);
  });
});

describe("closing the server", () => {
  it("does not wait for a peer that connects and says nothing", async () => {
    const server = await serving({ shutdownMs: 20 });
    const silent = connect(server.port, "127.0.0.1");
    silent.on("error", () => {});
    await new Promise<void>((resolve) => silent.once("data", () => resolve()));
    await server[Symbol.asyncDispose]();
    silent.destroy();
  });

  it("lets a call in progress finish", async () => {
    const release = gate();
    const arrived = gate();
    const reporter = memoryReporter({
      before: () => {
        arrived.open();
        return release.opened;
      },
    });
    const server = await serving({ reporter, shutdownMs: 60_000 });
    await using client = impatient(server.address);
    const answer = client.startAttempt(start);
    await arrived.opened;
    const closed = server[Symbol.asyncDispose]();
    release.open();
    expect(await answer).toEqual(begun);
    await closed;
  });

  it("cuts off a call that outlasts the grace", async () => {
    const arrived = gate();
    const reporter = memoryReporter({
      before: () => {
        arrived.open();
        return new Promise(() => {});
      },
    });
    const server = await serving({ reporter, shutdownMs: 20 });
    await using client = impatient(server.address);
    const failure = client.startAttempt(start).catch((error: unknown) => error);
    await arrived.opened;
    await server[Symbol.asyncDispose]();
    expect(await failure).toBeInstanceOf(Unreachable);
  });

  it("frees the port, also with clients still connected", async () => {
    const first = await serving();
    await using client = patient(first.address);
    await client.startAttempt(start);
    await first[Symbol.asyncDispose]();
    await using _second = await serving({ address: first.address });
    expect(await client.startAttempt(start)).toEqual(begun);
  });
});

describe("clients that are not ours", () => {
  it("get one run for one request id, also when the calls overlap", async () => {
    const laboratory = memoryLaboratory();
    await using server = await serving({ laboratory });
    const client = new LaboratoryServiceClient(server.address, credentials.createInsecure());
    const submit = (requestId: string) =>
      new Promise<SubmitResponse>((resolve, reject) => {
        client.submit(
          { requestId, source: "study: x\n", file: "x.yaml", modules: {}, moduleCosts: {} },
          (error, response) => {
            if (error) reject(error);
            else resolve(response);
          },
        );
      });
    const [one, two] = await Promise.all([submit("r1"), submit("r1")]);
    expect([one.added, two.added, (await submit("r1")).added]).toEqual([9, 9, 9]);
    expect((await submit("r2")).added).toBe(0);
    expect(laboratory.calls).toEqual(["submit", "submit"]);
    client.close();
  });

  it("are told the limit when they send more", async () => {
    const laboratory = memoryLaboratory();
    await using server = await serving({ laboratory });
    const client = new LaboratoryServiceClient(server.address, credentials.createInsecure());
    const failure = await new Promise<ServiceError | null>((resolve) => {
      client.submit(
        { requestId: "r", source: "x".repeat(34_000_000), file: "x.yaml", modules: {}, moduleCosts: {} },
        resolve,
      );
    });
    expect(failure).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(failure?.details).toMatch(/larger than max \(\d+ vs\.? 33554432\)/);
    expect(laboratory.calls).toEqual([]);
    client.close();
  });

  it("are refused without a token also for a listing, and with the scheme missing", async () => {
    const laboratory = memoryLaboratory();
    await using server = await serving({ laboratory, token: "t" });
    const client = new LaboratoryServiceClient(server.address, credentials.createInsecure());
    const bare = new Metadata();
    bare.set("authorization", "t");
    for (const metadata of [new Metadata(), bare]) {
      const failure = await new Promise((resolve) => {
        client.listTrials({ study: "known" }, metadata).on("error", resolve).resume();
      });
      expect(failure).toMatchObject({ code: status.UNAUTHENTICATED, details: "a wrong token, or none" });
    }
    expect(laboratory.calls).toEqual([]);
    client.close();
  });

  it("are told which field is wrong", async () => {
    await using server = await serving();
    const client = new WorkerServiceClient(server.address, credentials.createInsecure());
    const request = { attempt: { cohortId: "c", token: 1 }, step: -5, chunks: [], evaluations: [] };
    const failure = await new Promise<ServiceError | null>((resolve) => {
      client.report(request, resolve);
    });
    expect(failure).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: "step must be an integer of at least 0, got -5",
    });
    client.close();
  });
});

describe("a server of another version", () => {
  it("is named when it does not know the call", async () => {
    const { Server, ServerCredentials } = await import("@grpc/grpc-js");
    const empty = new Server();
    const port = await new Promise<number>((resolve, reject) => {
      empty.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, found) => {
        if (error) reject(error);
        else resolve(found);
      });
    });
    await using client = patient(`127.0.0.1:${port}`);
    const failure = await client.startAttempt(start).catch((error: unknown) => error);
    empty.forceShutdown();
    expect(failure).toBeInstanceOf(RemoteFailure);
    expect(String(failure)).toMatch(/StartAttempt.*is it of the same version\?/);
  });
});
