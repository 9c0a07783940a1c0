/**
 * A Postgres for other hosts: the embedded one, with TLS, behind a port of this host's address. Arguments: folder, address, certificate file,
 * key file. Prints `{ url }` once it serves, and stops at SIGTERM.
 */
import { chmodSync, chownSync, copyFileSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@stride/embedded-postgres";
import pg from "pg";

const [, , directory, address, certFile, keyFile] = process.argv;
const postgres = await startEmbeddedPostgres({ directory });
const data = join(directory, "cluster", "data");
const owner = statSync(data);
for (const [from, name] of [
  [certFile, "server.crt"],
  [keyFile, "server.key"],
]) {
  copyFileSync(from, join(data, name));
  chownSync(join(data, name), owner.uid, owner.gid);
  chmodSync(join(data, name), 0o600);
}
const client = new pg.Client({ connectionString: postgres.url });
await client.connect();
await client.query("alter system set ssl = on");
await client.query("select pg_reload_conf()");
await client.end();

// The embedded server listens on loopback alone; TLS goes through to it.
const inside = Number(new URL(postgres.url).port);
const server = createServer((socket) => {
  const upstream = connect({ host: "127.0.0.1", port: inside });
  for (const [one, other] of [
    [socket, upstream],
    [upstream, socket],
  ]) {
    one.on("error", () => other.destroy());
    one.pipe(other);
  }
});
server.listen({ host: address, port: 5432 }, () => {
  const url = Object.assign(new URL(postgres.url), { hostname: address, port: "5432" }).href;
  console.log(JSON.stringify({ url }));
});
process.on("SIGTERM", async () => {
  server.close();
  await postgres[Symbol.asyncDispose]();
  process.exit(0);
});
