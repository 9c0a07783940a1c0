import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** The contents (not the names) of PEM files. */
export interface HttpTls {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface Page {
  /** 200 when left out. */
  readonly status?: number;
  readonly contentType: string;
  readonly body: string;
  /** Beside those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpOptions {
  /** An IP address or a name of this machine; port 0 takes a free one. */
  readonly host: string;
  readonly port: number;
  /** Left out: plain text. */
  readonly tls?: HttpTls;
  /** Pages by their paths, such as `/metrics`. */
  readonly pages: Readonly<Record<string, () => Promise<Page>>>;
  /**
   * Whether the caller may look: `authorization` is the header, a browser's password turned into a bearer token. Left out: everybody
   * on this machine may, and nobody else should be able to reach it.
   */
  readonly authorise?: (visitor: Visitor) => Access;
  /** Told of each refusal. */
  onRefused?(access: Exclude<Access, "granted">, from: string): void;
  /** Told what a page failed with. */
  onError?(error: unknown): void;
}

export type Access = "granted" | "unauthenticated" | "forbidden" | "too-many";

/** Who asks, as far as the transport tells. */
export interface Visitor {
  readonly authorization: string | undefined;
  /** The IP address. */
  readonly peer: string;
  /** What tells the peer's connections apart. */
  readonly connection: string;
}

export interface HttpServer extends AsyncDisposable {
  readonly port: number;
  /** Takes other certificates for connections to come. */
  renewTls(tls: HttpTls): void;
}

/** Small and short: pages are read by browsers and scrapers alone. Times in milliseconds. */
const limits = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
} as const;
const maxConnections = 200;

/** On every answer; a page may narrow or widen its own policy. */
const always: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

/** Serves pages to GET and HEAD. Rejects with Node's error when the address cannot be listened on. */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    pageFor(request, options).then(
      (page) => send(request, response, page),
      () => response.destroy(),
    );
  };
  const { tls } = options;
  const secure = tls === undefined ? undefined : createTlsServer({ ...limits, ...tls, minVersion: "TLSv1.2" }, answer);
  const server: Server = secure ?? createServer(limits, answer);
  server.maxConnections = maxConnections;
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.host, port: options.port, exclusive: true }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    renewTls: (renewed) => secure?.setSecureContext({ ...renewed, minVersion: "TLSv1.2" }),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function pageFor(request: IncomingMessage, options: HttpOptions): Promise<Page> {
  const { authorise, onRefused = () => {}, onError = () => {} } = options;
  if (request.method !== "GET" && request.method !== "HEAD") {
    return { ...text(405, "only GET and HEAD are answered"), headers: { Allow: "GET, HEAD", Connection: "close" } };
  }
  if (authorise === undefined) {
    // Else a page of the web could name itself after this machine and read what is meant for it alone.
    if (!namesThisMachine(request.headers.host))
      return text(421, "without a token this is served to this machine alone");
  } else {
    const { remoteAddress: peer = "", remotePort } = request.socket;
    const authorization = bearer(request.headers.authorization);
    const access = authorise({ authorization, peer, connection: String(remotePort) });
    if (access !== "granted") {
      onRefused(access, peer);
      return refusals[access];
    }
  }
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const page = Object.hasOwn(options.pages, path) ? options.pages[path] : undefined;
  if (page === undefined) return text(404, "there is no such page");
  try {
    return await page();
  } catch (error) {
    onError(error);
    return text(500, "the page failed; the coordinator's log says why");
  }
}

const text = (status: number, message: string): Page => ({
  status,
  contentType: "text/plain; charset=utf-8",
  body: `${message}\n`,
});

const unauthenticated: Page = {
  ...text(401, "a token is needed: as bearer token, or as the password of any user name"),
  headers: { "WWW-Authenticate": 'Basic realm="Stride", charset="UTF-8"' },
};

const refusals: Readonly<Record<Exclude<Access, "granted">, Page>> = {
  unauthenticated,
  forbidden: text(403, "this token may not look"),
  "too-many": text(429, "too many calls came from this address or with this token: try again later"),
};

/** A browser sends what was typed as `Basic`: its password is the token. */
function bearer(authorization: string | undefined): string | undefined {
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? "")?.[1];
  if (basic === undefined) return authorization;
  const pair = Buffer.from(basic, "base64").toString("utf8");
  return pair.includes(":") ? `Bearer ${pair.slice(pair.indexOf(":") + 1)}` : undefined;
}

function namesThisMachine(host: string | undefined): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host ?? "");
}

function send(request: IncomingMessage, response: ServerResponse, page: Page): void {
  const body = Buffer.from(page.body);
  response.writeHead(page.status ?? 200, {
    ...always,
    "Content-Type": page.contentType,
    "Content-Length": body.length,
    ...page.headers,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
