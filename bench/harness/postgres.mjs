import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@stride/embedded-postgres";
import pg from "pg";

/** A Postgres of this benchmark alone, with the settings `stride run` uses: every commit is on disk before it is answered. */
export async function startPostgres() {
  const directory = await mkdtemp(join(tmpdir(), "stride-bench-postgres-"));
  await chmod(directory, 0o711); // As root the server runs under another account.
  const remove = () => rm(directory, { recursive: true, force: true });
  const server = await startEmbeddedPostgres({ directory }).catch(async (error) => {
    await remove();
    throw error;
  });
  return {
    url: server.url,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await remove();
    },
  };
}

export async function connect(url) {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined); // A connection cut off while closing.
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}
