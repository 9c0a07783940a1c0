import { lookup } from "node:dns/promises";
import { createServer } from "node:net";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { InvalidArgument } from "@stride/experiment";
import { type Address, formatAddress, isLoopback } from "./address.js";
import { PortTaken } from "./errors.js";

/** The contents (not the names) of PEM files. */
export interface ServerTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** When set, clients must present a certificate that this authority signed. */
  readonly clientCa?: Buffer;
}

/** Finds the one IP address to listen on. Listening where others can reach it needs a token. */
export async function resolveListenAddress({ host, port }: Address, token: string | undefined): Promise<Address> {
  const found = await lookup(host).catch((error: unknown) => {
    throw new InvalidArgument(`address: cannot find the host ${JSON.stringify(host)}`, { cause: error });
  });
  if (token === undefined && !isLoopback(found.address)) {
    throw new InvalidArgument(
      `refusing to listen on ${formatAddress({ host, port })} without a token, since other machines can reach it: ` +
        "set STRIDE_TOKEN, or listen on 127.0.0.1",
    );
  }
  return { host: found.address, port };
}

/** Binds the server; returns the port. Throws `PortTaken`, or `InvalidArgument` for an address that is not this machine's. */
export async function bind(server: Server, address: Address, tls: ServerTls | undefined): Promise<number> {
  await probe(address);
  const text = formatAddress(address);
  return new Promise((resolve, reject) => {
    server.bindAsync(text, tls === undefined ? ServerCredentials.createInsecure() : secure(tls), (error, port) => {
      if (error === null) resolve(port);
      else reject(/EADDRINUSE/.test(error.message) ? new PortTaken(text, { cause: error }) : error);
    });
  });
}

/** Listens for a moment with a plain socket, whose errors have codes and which writes nothing to the terminal. */
async function probe(address: Address): Promise<void> {
  const text = formatAddress(address);
  const socket = createServer();
  await new Promise<void>((resolve, reject) => {
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") reject(new PortTaken(text, { cause: error }));
      else reject(new InvalidArgument(`address: cannot listen on ${text} (${error.code})`, { cause: error }));
    });
    socket.listen({ ...address, exclusive: true }, resolve);
  });
  await new Promise((resolve) => socket.close(resolve));
}

function secure({ cert, key, clientCa }: ServerTls): ServerCredentials {
  return ServerCredentials.createSsl(
    clientCa ?? null,
    [{ cert_chain: cert, private_key: key }],
    clientCa !== undefined,
  );
}
