import { describe, expect, it } from "vitest";
import { type ClientTls, type FileValue, type RefusalReason, type ServerTls, TlsFailure } from "../src/index.js";
import { type IssuedCertificate, testAuthority } from "../src/testing.js";
import { impatient, serving, start } from "./serving.js";

const begun = { kind: "continue", token: 1 };
const ours = await testAuthority("ours");
const theirs = await testAuthority("theirs");
const past = { validFrom: new Date("2020-01-01"), validTo: new Date("2020-02-01") };
const good = await ours.issue();
const another = await ours.issue();
const foreign = await theirs.issue();
const expired = await ours.issue(past);
const early = await ours.issue({ validFrom: new Date("2100-01-01"), validTo: new Date("2101-01-01") });
const elsewhere = await ours.issue({ names: ["stride.example"], addresses: [] });

const buffers = ({ cert, key }: IssuedCertificate) => ({ cert: Buffer.from(cert), key: Buffer.from(key) });
const ca = Buffer.from(ours.cert);

async function failureOf(server: { tls?: ServerTls }, tls?: ClientTls, host = "127.0.0.1"): Promise<unknown> {
  await using running = await serving({ ...server, token: "t" });
  const options = { token: "t", ...(tls === undefined ? {} : { tls }) };
  await using client = impatient(`${host}:${running.port}`, options);
  return await client.startAttempt(start).catch((error: unknown) => error);
}

describe("a connection over TLS", () => {
  it.each([
    ["whose authority the client trusts", { ca }, "127.0.0.1"],
    ["by a name of its certificate", { ca }, "localhost"],
    ["under a name that the client is told", { ca, serverName: "localhost" }, "127.0.0.1"],
    ["whose very certificate the client knows", { pin: Buffer.from(good.cert) }, "127.0.0.1"],
  ])("is made to a server %s", async (_, tls, host) => {
    expect(await failureOf({ tls: buffers(good) }, tls, host)).toEqual(begun);
  });

  it.each([
    {
      what: "a client that speaks plain text",
      server: good,
      client: undefined,
      says: /: it speaks TLS: set STRIDE_TLS_CA_FILE/,
    },
    {
      what: "a server that speaks plain text",
      server: undefined,
      client: { ca },
      says: /: it does not speak TLS: give it a certificate, or leave STRIDE_TLS/,
    },
    {
      what: "a certificate of another authority",
      server: foreign,
      client: { ca },
      says: /: its certificate was signed by CN=theirs, which is not trusted here .*set STRIDE_TLS_CA_FILE/,
    },
    {
      what: "an authority that the system does not know",
      server: good,
      client: {},
      says: /: its certificate was signed by CN=ours, which is not trusted here/,
    },
    {
      what: "a certificate for another name",
      server: elsewhere,
      client: { ca },
      says: /: its certificate is for DNS:stride.example, not for 127.0.0.1: set STRIDE_TLS_SERVER_NAME/,
    },
    {
      what: "a server name that is not the certificate's",
      server: good,
      client: { ca, serverName: "stride.example" },
      says: /: its certificate is for DNS:localhost, IP Address:127.0.0.1, not for stride.example/,
    },
    {
      what: "an expired certificate",
      server: expired,
      client: { ca },
      says: /: its certificate expired at 2020-02-01T00:00:00.000Z/,
    },
    {
      what: "a certificate that is not valid yet",
      server: early,
      client: { ca },
      says: /: its certificate is not valid before 2100-01-01/,
    },
    {
      what: "another certificate than the pinned one, of the same authority",
      server: another,
      client: { pin: Buffer.from(good.cert) },
      says: /: its certificate is not the one in STRIDE_TLS_PIN_FILE/,
    },
    {
      what: "an expired certificate that is pinned",
      server: expired,
      client: "pinned" as const,
      says: /: its certificate expired at 2020-02-01/,
    },
  ])("is not made with $what, and the error says so", async ({ server, client, says }) => {
    const tls = client === "pinned" ? { pin: Buffer.from(server?.cert ?? "") } : client;
    const failure = await failureOf(server === undefined ? {} : { tls: buffers(server) }, tls);
    expect(failure).toBeInstanceOf(TlsFailure);
    expect(String(failure)).toMatch(says);
  });
});

describe("mutual TLS", () => {
  const mutual = { ...buffers(good), clientCa: ca };

  it("takes a client whose certificate the authority has signed", async () => {
    const own = buffers(await ours.issue({ commonName: "worker", names: ["worker"], addresses: [] }));
    expect(await failureOf({ tls: mutual }, { ca, ...own })).toEqual(begun);
  });

  it.each([
    {
      what: "without a certificate",
      own: {},
      says: /: it asks for a client's certificate: set STRIDE_TLS_CLIENT_CERT/,
    },
    {
      what: "with a certificate of another authority",
      own: buffers(foreign),
      says: /: it closed the connection when it saw the certificate in STRIDE_TLS_CLIENT_CERT_FILE/,
    },
    {
      what: "with an expired certificate",
      own: buffers(expired),
      says: /: it closed the connection when it saw the certificate in STRIDE_TLS_CLIENT_CERT_FILE/,
    },
  ])("refuses a client $what, although it has a right token", async ({ own, says }) => {
    const refusals: RefusalReason[] = [];
    await using server = await serving({ tls: mutual, token: "t", onRefused: (reason) => refusals.push(reason) });
    await using client = impatient(server.address, { token: "t", tls: { ca, ...own } });
    const failure = await client.startAttempt(start).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TlsFailure);
    expect(String(failure)).toMatch(says);
    expect(new Set(refusals)).toEqual(new Set(["tls"]));
  });
});

/** A value that a test changes by hand. */
function changeable<T>(first: T): FileValue<T> & { change(next: T): void } {
  const listeners: ((value: T) => void)[] = [];
  let value = first;
  return {
    current: () => value,
    subscribe: (listener) => void listeners.push(listener),
    change(next) {
      value = next;
      for (const listener of listeners) listener(next);
    },
  };
}

describe("a certificate that is replaced while the server runs", () => {
  it("is shown to new connections, while those there go on", async () => {
    const tls = changeable<ServerTls>(buffers(good));
    await using server = await serving({ tls, token: "t" });
    await using before = impatient(server.address, { token: "t", tls: { ca } });
    expect(await before.startAttempt(start)).toEqual(begun);
    tls.change(buffers(await theirs.issue()));
    expect(await before.startAttempt(start)).toEqual({ kind: "continue", token: 2 });
    await using late = impatient(server.address, { token: "t", tls: { ca } });
    await expect(late.startAttempt(start)).rejects.toThrow(/signed by CN=theirs/);
    await using knowing = impatient(server.address, { token: "t", tls: { ca: Buffer.from(theirs.cert) } });
    expect(await knowing.startAttempt(start)).toEqual({ kind: "continue", token: 3 });
  });

  it("may come with another authority for clients", async () => {
    const tls = changeable<ServerTls>({ ...buffers(good), clientCa: ca });
    await using server = await serving({ tls, token: "t" });
    const own = buffers(await theirs.issue());
    await using before = impatient(server.address, { token: "t", tls: { ca, ...own } });
    await expect(before.startAttempt(start)).rejects.toBeInstanceOf(TlsFailure);
    tls.change({ ...buffers(good), clientCa: Buffer.from(theirs.cert) });
    await using after = impatient(server.address, { token: "t", tls: { ca, ...own } });
    expect(await after.startAttempt(start)).toEqual(begun);
  });

  it("is taken up by a client whose own files change, without losing the call in progress", async () => {
    await using server = await serving({ tls: { ...buffers(good), clientCa: ca }, token: "t" });
    const tls = changeable<ClientTls>({ ca, ...buffers(await theirs.issue()) });
    await using client = impatient(server.address, { token: "t", tls });
    await expect(client.startAttempt(start)).rejects.toBeInstanceOf(TlsFailure);
    tls.change({ ca, ...buffers(await ours.issue()) });
    const first = client.startAttempt(start);
    tls.change({ ca, ...buffers(await ours.issue()) });
    expect(await Promise.all([first, client.startAttempt({ ...start, cohortId: "cohort-2" })])).toEqual([begun, begun]);
  });
});
