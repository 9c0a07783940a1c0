import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { maxMessageBytes } from "../src/batches.js";
import type { GrpcServer, RefusalReason } from "../src/index.js";
import { connectionLimits } from "../src/listen.js";
import { requestLimit } from "../src/message-limits.js";
import { type EveryMethod, everyMethod, type RawClient, rawClient } from "./every-method.js";
import { serving } from "./serving.js";

const authorization = "Bearer t";
let server: GrpcServer;
let client: RawClient;
let errors: unknown[] = [];
let refusals: RefusalReason[] = [];

beforeAll(async () => {
  server = await serving({
    token: "t",
    onError: (error) => errors.push(error),
    onRefused: (reason) => refusals.push(reason),
  });
  client = rawClient(server.address);
});
afterAll(async () => {
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** Of the caller's making: never INTERNAL, UNKNOWN or UNAVAILABLE. */
const blameless: readonly status[] = [status.OK, status.INVALID_ARGUMENT, status.NOT_FOUND, status.RESOURCE_EXHAUSTED];

async function stillServes(): Promise<void> {
  const [method] = everyMethod.filter(({ path }) => path.endsWith("/GetStudy"));
  if (method === undefined) throw new Error("there is GetStudy");
  expect(await client.call(method, method.request, { authorization })).toMatchObject({ code: status.OK });
}

async function answersProperly(method: EveryMethod, request: Buffer): Promise<void> {
  errors = [];
  const ending = await client.call(method, request, { authorization });
  expect({
    code: status[ending.code],
    blameless: blameless.includes(ending.code),
    details: ending.details,
  }).toMatchObject({
    blameless: true,
  });
  expect(errors).toEqual([]);
}

/** A message of which something was flipped, cut out, doubled or put in. */
function mutated(message: Buffer): fc.Arbitrary<Buffer> {
  const place = fc.nat({ max: Math.max(0, message.length - 1) });
  return fc
    .array(fc.record({ at: place, length: fc.nat({ max: 8 }), bytes: fc.uint8Array({ maxLength: 8 }) }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((changes) =>
      changes.reduce(
        (bytes, { at, length, bytes: put }) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + length)]),
        message,
      ),
    );
}

describe.each(everyMethod)("$path", (method) => {
  it("answers any bytes with a status that blames the caller", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) => answersProperly(method, Buffer.from(bytes))),
      { numRuns: 25 },
    );
    await stillServes();
  });

  it("answers a damaged message likewise", async () => {
    await fc.assert(
      fc.asyncProperty(mutated(method.request), (bytes) => answersProperly(method, bytes)),
      { numRuns: 25 },
    );
    await stillServes();
  });

  it("refuses more bytes than it needs, without decoding them", async () => {
    refusals = [];
    const limit = requestLimit(method.path);
    const tooMuch = Buffer.alloc(limit + 1, 0xff);
    expect(await client.call(method, tooMuch, { authorization })).toEqual({
      code: status.RESOURCE_EXHAUSTED,
      details: expect.stringMatching(/larger than max/),
    });
    if (limit < maxMessageBytes) expect(refusals).toEqual(["oversized"]);
    await stillServes();
  });
});

describe("a message", () => {
  const nested = (depth: number) => {
    let bytes = Buffer.alloc(0);
    for (let level = 0; level < depth && bytes.length < 60_000; level += 1) {
      const length = [];
      for (let rest = bytes.length; ; rest >>= 7) {
        length.push((rest & 127) | (rest > 127 ? 128 : 0));
        if (rest <= 127) break;
      }
      bytes = Buffer.concat([Buffer.from([10, ...length]), bytes]);
    }
    return bytes;
  };

  it.each(everyMethod)("that is nested without end does no harm in $path", async (method) => {
    await answersProperly(method, nested(20_000));
    await answersProperly(method, Buffer.alloc(60_000, 0x0b));
  });

  it("with keys of prototypes in its map is one with such keys", async () => {
    const [submit] = everyMethod;
    if (submit === undefined) throw new Error("there is Submit");
    const entry = (key: string) => Buffer.from([10, key.length, ...Buffer.from(key), 18, 1, 120]);
    const entries = ["__proto__", "constructor", "toString"].map(entry);
    const request = Buffer.concat([submit.request, ...entries.map((each) => Buffer.from([34, each.length, ...each]))]);
    await answersProperly(submit, request);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

/** Sends one HTTP/2 request whose body is these bytes; resolves to the gRPC status, or what broke. */
function send(headers: Readonly<Record<string, string>>, body: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://${server.address}`);
    const settle = (text: string) => {
      resolve(text);
      session.destroy();
    };
    session.on("error", (error) => settle(`session: ${error.message}`));
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: "/stride.v1.LaboratoryService/GetStudy",
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    let found: string | undefined;
    const note = (trailers: Readonly<Record<string, unknown>>) => {
      const code = trailers["grpc-status"] ?? (trailers[":status"] === 200 ? undefined : `http ${trailers[":status"]}`);
      if (code !== undefined) found = String(code);
    };
    stream.on("response", note).on("trailers", note);
    stream.on("error", (error) => settle(`stream: ${error.message}`));
    stream.on("close", () => settle(found ?? "closed"));
    stream.resume();
    stream.end(body);
  });
}

const framed = (message: Buffer, { compressed = 0, length = message.length } = {}) => {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed, 0);
  head.writeUInt32BE(length >>> 0, 1);
  return Buffer.concat([head, message]);
};

describe("what is no proper call", () => {
  const known = Buffer.from([10, 5, ...Buffer.from("known")]);
  const open = { authorization };

  it.each([
    ["a frame that promises 4 GB", open, framed(known, { length: 0xff_ff_ff_ff }), String(status.RESOURCE_EXHAUSTED)],
    ["a frame of one byte", open, Buffer.from([0]), undefined],
    ["no frame at all", open, Buffer.alloc(0), String(status.UNIMPLEMENTED)],
    ["two messages for one", open, Buffer.concat([framed(known), framed(known)]), undefined],
    [
      "an unknown compression",
      { ...open, "grpc-encoding": "zip" },
      framed(known, { compressed: 1 }),
      String(status.UNIMPLEMENTED),
    ],
    [
      "what claims to be compressed",
      { ...open, "grpc-encoding": "gzip" },
      framed(known, { compressed: 1 }),
      String(status.INTERNAL),
    ],
    [
      "a bomb of zeros, compressed a thousandfold",
      { ...open, "grpc-encoding": "gzip" },
      framed(gzipSync(Buffer.alloc(64 * 1024 * 1024)), { compressed: 1 }),
      String(status.RESOURCE_EXHAUSTED),
    ],
    ["another content type", { ...open, "content-type": "text/html" }, framed(known), "http 415"],
    [
      "an unknown method",
      { ...open, ":path": "/stride.v1.LaboratoryService/Nope" },
      framed(known),
      String(status.UNIMPLEMENTED),
    ],
    [
      "an unknown method, without a token",
      { ":path": "/../../etc/passwd" },
      framed(known),
      String(status.UNIMPLEMENTED),
    ],
    ["a timeout that is none", { ...open, "grpc-timeout": "soon" }, framed(known), String(status.INTERNAL)],
    ["a timeout of a century", { ...open, "grpc-timeout": "99999999H" }, framed(known), undefined],
    ["two tokens", { authorization: "Bearer t, Bearer t" }, framed(known), String(status.UNAUTHENTICATED)],
    ["a header of 60 kB", { ...open, "x-long": "x".repeat(60_000) }, framed(known), undefined],
    ["a header of 10 MB", { ...open, "x-long": "x".repeat(10_000_000) }, framed(known), undefined],
  ])("such as %s, is answered or cut off, and the server goes on", async (_, headers, body, answer) => {
    const came = await send(headers as Readonly<Record<string, string>>, body);
    if (answer !== undefined) expect(came).toBe(answer);
    await stillServes();
  });

  it.each([
    ["text", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n")],
    ["a TLS handshake", Buffer.from("16030100ff010000fb0303", "hex")],
    ["zeros", Buffer.alloc(100_000)],
    [
      "a frame of HTTP/2 that is too long",
      Buffer.concat([
        Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Buffer.from("ffffff0400000000ff", "hex"),
        Buffer.alloc(70_000, 1),
      ]),
    ],
  ])("such as %s on the bare connection, is cut off, and the server goes on", async (_, bytes) => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => socket.end(bytes));
      socket.on("error", () => {});
      socket.on("close", () => resolve());
      socket.resume();
    });
    await stillServes();
  });

  it("such as random bytes after HTTP/2's preface, does not bring the server down", async () => {
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await new Promise<void>((resolve) => {
          const socket = connect(server.port, "127.0.0.1", () => socket.end(Buffer.concat([preface, bytes])));
          socket.on("error", () => {});
          socket.on("close", () => resolve());
          socket.resume();
        });
      }),
      { numRuns: 25 },
    );
    await stillServes();
  });
});

describe("too many connections of one address", () => {
  it("are cut off, and count as refused; those there go on", async () => {
    await stillServes();
    refusals = [];
    const sockets = await Promise.all(
      Array.from(
        { length: connectionLimits.perAddress + 20 },
        () =>
          new Promise<ReturnType<typeof connect>>((resolve) => {
            const socket = connect(server.port, "127.0.0.1", () => resolve(socket));
            socket.on("error", () => resolve(socket));
          }),
      ),
    );
    await stillServes();
    await vi.waitFor(() => expect(refusals.filter((reason) => reason === "connections")).toHaveLength(21), 20_000);
    for (const socket of sockets) socket.destroy();
    await stillServes();
  });
});
