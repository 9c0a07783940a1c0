import { once } from "node:events";
import { request as requestTls } from "node:https";
import { connect } from "node:net";
import { testAuthority } from "@stride/rpc/testing";
import { describe, expect, it } from "vitest";
import { type Access, type HttpOptions, serveHttp, type Visitor } from "./http.js";

const page = async () => ({ contentType: "text/plain; charset=utf-8", body: "hello é\n" });
const roles: Readonly<Record<string, Access>> = { "Bearer look": "granted", "Bearer work": "forbidden" };
const authorise = ({ authorization }: Visitor): Access => roles[authorization ?? ""] ?? "unauthenticated";

const serve = (options: Partial<HttpOptions> = {}) =>
  serveHttp({ host: "127.0.0.1", port: 0, pages: { "/": page, "/metrics": page }, ...options });

/** Sends bytes as they are, and gives all that comes back. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.end(text);
  let answer = "";
  for await (const part of socket) answer += part;
  return answer;
}
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

describe("pages", () => {
  it("are served with headers that keep browsers from doing anything with them", async () => {
    await using server = await serve();
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics?x=1`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("hello é\n");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-length": "9",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(response.headers.has("server") || response.headers.has("x-powered-by")).toBe(false);
  });

  it("answer HEAD without a body", async () => {
    await using server = await serve();
    const response = await fetch(`http://127.0.0.1:${server.port}/`, { method: "HEAD" });
    expect([response.status, response.headers.get("content-length"), await response.text()]).toEqual([200, "9", ""]);
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])("refuse %s", async (method) => {
    await using server = await serve();
    const response = await fetch(`http://127.0.0.1:${server.port}/`, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it.each([
    "/nothing",
    "/../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//",
    "/metrics/",
    "/constructor",
    "/__proto__",
    "http://elsewhere/metrics",
    "*",
  ])("there is none at %s", async (path) => {
    await using server = await serve();
    const answer = await raw(server.port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).toMatch(/\r\n\r\nthere is no such page\n$/);
  });

  it("that fail tell nobody but the log why", async () => {
    const errors: unknown[] = [];
    const failing = async () => {
      throw new Error("password hunter2");
    };
    await using server = await serve({ pages: { "/": failing }, onError: (error) => errors.push(error) });
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("hunter2");
    expect(errors).toHaveLength(1);
  });

  it("take no long headers and no nonsense", async () => {
    await using server = await serve();
    const long = await raw(server.port, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(long).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(server.port, "\x16\x03\x01nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(200);
  });
});

describe("who may look", () => {
  it.each([
    { header: undefined, status: 401 },
    { header: "Bearer wrong", status: 401 },
    { header: "Bearer look", status: 200 },
    { header: "Bearer work", status: 403 },
    { header: basic("anybody", "look"), status: 200 },
    { header: basic("", "look"), status: 200 },
    { header: basic("anybody", "wrong"), status: 401 },
    { header: basic("anybody", "work"), status: 403 },
    { header: "Basic bm9jb2xvbg==", status: 401 },
    { header: "Basic ***", status: 401 },
  ])("is asked of $header: $status", async ({ header, status }) => {
    const refused: string[] = [];
    await using server = await serve({ authorise, onRefused: (access) => refused.push(access) });
    const headers = header === undefined ? {} : { Authorization: header };
    for (const path of ["/", "/nothing"]) {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers });
      expect(response.status).toBe(status === 200 && path !== "/" ? 404 : status);
      expect(response.headers.get("www-authenticate")).toBe(
        status === 401 ? 'Basic realm="Stride", charset="UTF-8"' : null,
      );
    }
    expect(refused).toHaveLength(status === 200 ? 0 : 2);
  });

  it.each([
    { host: "localhost:9464", status: 200 },
    { host: "127.0.0.1", status: 200 },
    { host: "[::1]:1", status: 200 },
    { host: "evil.example", status: 421 },
    { host: "localhost.evil.example", status: 421 },
    { host: "127.0.0.1.evil.example", status: 421 },
  ])("without tokens is this machine alone, under its own name: $host", async ({ host, status }) => {
    await using server = await serve();
    const answer = await raw(server.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer.split(" ")[1]).toBe(String(status));
  });
});

describe("TLS", () => {
  /** The status that a client gets who trusts this authority alone. */
  const get = (port: number, ca: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      requestTls({ host: "127.0.0.1", port, path: "/", ca, servername: "localhost", agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });

  it("is spoken when there is a certificate, plain text then not, and a new certificate is taken at once", async () => {
    const [first, second] = await Promise.all([testAuthority("first"), testAuthority("second")]);
    const tlsOf = async (authority: typeof first) => {
      const { cert, key } = await authority.issue();
      return { cert: Buffer.from(cert), key: Buffer.from(key) };
    };
    await using server = await serve({ tls: await tlsOf(first), authorise: () => "granted" });
    expect(await get(server.port, first.cert)).toBe(200);
    await expect(get(server.port, second.cert)).rejects.toThrow("unable to verify");
    await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
    server.renewTls(await tlsOf(second));
    expect(await get(server.port, second.cert)).toBe(200);
    await expect(get(server.port, first.cert)).rejects.toThrow("unable to verify");
  });
});

it("rejects with the system's error for an address that is taken", async () => {
  await using server = await serve();
  await expect(serve({ port: server.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});
