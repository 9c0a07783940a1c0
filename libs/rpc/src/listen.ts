import { lookup } from "node:dns/promises";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { InvalidArgument } from "@stride/experiment";
import { type Address, formatAddress, isLoopback } from "./address.js";
import type { RefusalReason } from "./authority.js";
import { PortTaken } from "./errors.js";

/** The contents (not the names) of PEM files. */
export interface ServerTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** When set, clients must present a certificate that this authority signed. */
  readonly clientCa?: Buffer;
}

export interface ListenOptions {
  readonly address: Address;
  /** Left out: plain text. */
  readonly tls: ServerTls | undefined;
  /** Hears of connections that were not taken. */
  onRefused(reason: RefusalReason): void;
}

export interface Listener {
  readonly port: number;
  /** Connections from now on see this certificate; whether clients must present one does not change. */
  replaceTls(tls: ServerTls): void;
  /** Takes no connection any more; those there are stay. */
  close(): void;
  /** Ends those connections too: gRPC would wait for peers who never say anything. */
  destroyConnections(): void;
}

/** Open connections: of all peers, and of one IP address. A worker keeps one. */
export const connectionLimits = { all: 4_000, perAddress: 1_000 } as const;
const handshakeMs = 10_000;

/** Finds the one IP address to listen on. Listening where others can reach it needs a token. */
export async function resolveListenAddress({ host, port }: Address, hasTokens: boolean): Promise<Address> {
  const found = await lookup(host).catch((error: unknown) => {
    throw new InvalidArgument(`address: cannot find the host ${JSON.stringify(host)}`, { cause: error });
  });
  if (!hasTokens && !isLoopback(found.address)) {
    throw new InvalidArgument(
      `refusing to listen on ${formatAddress({ host, port })} without a token, since other machines can reach it: ` +
        "set STRIDE_TOKEN, or listen on 127.0.0.1",
    );
  }
  return { host: found.address, port };
}

/**
 * Listens with a socket of our own and hands its connections to gRPC, which could neither bound their number nor change their certificate.
 * Throws `PortTaken`, or `InvalidArgument` for an address that is not this machine's.
 */
export async function listen(server: Server, { address, tls, onRefused }: ListenOptions): Promise<Listener> {
  const { injectConnection } = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  const counts = connectionCounter(onRefused);
  const admits = (socket: Socket): boolean => {
    if (!counts(socket)) return false;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    return true;
  };
  const secure = tls === undefined ? undefined : createTlsServer({ ...serverOptions(tls), ...contextOf(tls) });
  const listener: NetServer = secure ?? createServer();
  listener.maxConnections = connectionLimits.all;
  listener.on("drop", () => onRefused("connections"));
  if (secure === undefined) {
    listener.on("connection", (socket) => {
      if (admits(socket)) injectConnection(socket);
    });
  } else {
    // Before the handshake, which is what costs.
    secure.prependListener("connection", admits);
    secure.on("secureConnection", (socket) => {
      socket.on("error", () => {}); // A session tells its own errors; a socket that breaks before it has one would bring us down.
      injectConnection(socket);
    });
    secure.on("tlsClientError", () => onRefused("tls"));
  }
  await bind(listener, address);
  const bound = listener.address();
  if (bound === null || typeof bound === "string") throw new Error("not a TCP port");
  return {
    port: bound.port,
    replaceTls: (next) => secure?.setSecureContext(contextOf(next)),
    close: () => void listener.close(),
    destroyConnections() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function bind(listener: NetServer, address: Address): Promise<void> {
  const text = formatAddress(address);
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") reject(new PortTaken(text, { cause: error }));
      else reject(new InvalidArgument(`address: cannot listen on ${text} (${error.code})`, { cause: error }));
    };
    listener.once("error", fail);
    listener.listen({ ...address, exclusive: true }, () => {
      listener.off("error", fail);
      listener.on("error", () => {}); // Of a connection that could not be taken; the next one may be.
      resolve();
    });
  });
}

/** Counts connections by address; destroys one that is too many and says so. */
function connectionCounter(onRefused: (reason: RefusalReason) => void): (socket: Socket) => boolean {
  const open = new Map<string, number>();
  return (socket) => {
    const { remoteAddress } = socket;
    const now = open.get(remoteAddress ?? "") ?? 0;
    if (remoteAddress === undefined || now >= connectionLimits.perAddress) {
      onRefused("connections");
      socket.destroy();
      return false;
    }
    open.set(remoteAddress, now + 1);
    socket.once("close", () => {
      const left = (open.get(remoteAddress) ?? 1) - 1;
      if (left === 0) open.delete(remoteAddress);
      else open.set(remoteAddress, left);
    });
    return true;
  };
}

function serverOptions({ clientCa }: ServerTls) {
  const mutual = clientCa !== undefined;
  return { ALPNProtocols: ["h2"], handshakeTimeout: handshakeMs, requestCert: mutual, rejectUnauthorized: mutual };
}

function contextOf({ cert, key, clientCa }: ServerTls) {
  return { cert, key, minVersion: "TLSv1.2" as const, ...(clientCa === undefined ? {} : { ca: clientCa }) };
}
