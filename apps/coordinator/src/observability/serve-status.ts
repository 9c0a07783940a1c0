import { lookup } from "node:dns/promises";
import { InvalidArgument } from "@stride/experiment";
import {
  type Authority,
  type FileValue,
  formatAddress,
  isLoopback,
  PortTaken,
  parseAddress,
  type ServerTls,
} from "@stride/rpc";
import { type HttpServer, type Metrics, type Page, serveHttp } from "@stride/telemetry";
import { mayLook } from "./access.js";
import type { Log } from "./log.js";
import type { Status } from "./status.js";
import { statusPage, statusUnavailablePage } from "./status-page.js";
import { statusPolicy } from "./status-style.js";

export interface ServeStatusOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** Left out: no token is needed, and only this machine is served. */
  readonly authority: Pick<Authority, "admit"> | undefined;
  readonly tls?: FileValue<ServerTls> | undefined;
  readonly metrics: Metrics;
  readStatus(): Promise<Status>;
  readonly log: Log;
}

/**
 * Serves `/metrics`, `/` and `/status.json`. Throws `InvalidArgument` for an address that others can reach where no token is asked for,
 * or that is not this machine's, and `PortTaken`.
 */
export async function serveStatus(options: ServeStatusOptions): Promise<HttpServer> {
  const { authority, tls, metrics, readStatus, log } = options;
  const address = parseAddress("the HTTP address", options.listen);
  const { address: host } = await lookup(address.host).catch((error: unknown) => {
    throw new InvalidArgument(`the HTTP address: cannot find the host ${JSON.stringify(address.host)}`, {
      cause: error,
    });
  });
  const text = formatAddress({ host, port: address.port });
  if (authority === undefined && !isLoopback(host)) {
    throw new InvalidArgument(
      `refusing to serve metrics and status on ${text} without a token, since other machines can reach it: ` +
        "set STRIDE_TOKEN or STRIDE_TOKENS_FILE, or listen on 127.0.0.1",
    );
  }
  /** The page that `write` makes of the status; while the store is away, what `otherwise` is. */
  const ofStatus = (write: (status: Status) => Page, otherwise: Page) => async (): Promise<Page> => {
    let status: Status;
    try {
      status = await readStatus();
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : String(error) }, "the status page has no status");
      return { ...otherwise, status: 503 };
    }
    return write(status);
  };
  const pages = {
    "/metrics": () => metrics.exposition(),
    "/": ofStatus((status) => htmlPage(statusPage(status)), htmlPage(statusUnavailablePage())),
    "/status.json": ofStatus(jsonPage, jsonPage({ error: "the results database does not answer" })),
  };
  try {
    const server = await serveHttp({
      host,
      port: address.port,
      pages,
      ...(tls === undefined ? {} : { tls: tls.current() }),
      ...(authority === undefined ? {} : { authorise: mayLook(authority, metrics.refused) }),
      onRefused(access, from) {
        log.debug({ reason: access, peer: from }, "HTTP request refused");
      },
      onError: (error) => log.error({}, `a page failed: ${error instanceof Error ? error.message : String(error)}`),
    });
    tls?.subscribe(server.renewTls);
    return server;
  } catch (error) {
    throw translated(error, text);
  }
}

const htmlPage = (body: string): Page => ({
  contentType: "text/html; charset=utf-8",
  body,
  headers: { "Content-Security-Policy": statusPolicy },
});

const jsonPage = (value: unknown): Page => ({
  contentType: "application/json; charset=utf-8",
  body: `${JSON.stringify(value, null, 2)}\n`,
});

function translated(error: unknown, address: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return new PortTaken(address, { cause: error });
  if (code === "EADDRNOTAVAIL" || code === "EACCES") {
    return new InvalidArgument(`the HTTP address: cannot listen on ${address} (${code})`, { cause: error });
  }
  return error;
}
