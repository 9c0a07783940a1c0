import { connect, createServer, type Socket } from "node:net";

export interface BreakableConnection extends AsyncDisposable {
  readonly address: string;
  /** Resets every connection instead of passing on the server's next answer to a call that comes after this. */
  breakAtNextAnswer(): void;
  /** Resets every connection. */
  breakNow(): void;
  /** How often that happened. */
  broken(): number;
}

/** Passes bytes between a client and a server on this machine, until told to lose the connection. */
export async function breakableConnection(port: number): Promise<BreakableConnection> {
  const sockets = new Set<Socket>();
  let armed = false;
  let asked = false;
  let broken = 0;

  const passing = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (bytes: Buffer) => {
      asked ||= armed && hasDataFrame(bytes);
      server.write(bytes);
    });
    server.on("data", (bytes: Buffer) => {
      if (!asked || !hasDataFrame(bytes)) {
        client.write(bytes);
        return;
      }
      armed = false;
      asked = false;
      broken += 1;
      for (const socket of sockets) socket.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => passing.listen(0, "127.0.0.1", resolve));
  const bound = passing.address();
  if (bound === null || typeof bound === "string") throw new Error("not a TCP port");

  return {
    address: `127.0.0.1:${bound.port}`,
    breakAtNextAnswer: () => {
      armed = true;
    },
    breakNow: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    broken: () => broken,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => passing.close(resolve));
    },
  };
}

/** True when a chunk, which begins at a frame's begin, holds a DATA frame (type 0) of HTTP/2. */
function hasDataFrame(bytes: Buffer): boolean {
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    if (bytes[at + 3] === 0 && bytes.readUIntBE(at, 3) > 0) return true;
  }
  return false;
}
