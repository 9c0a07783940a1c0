import { chown, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Cluster } from "./cluster.js";
import type { ServerUser } from "./server-user.js";

/** The port this cluster had last, if it is free, else another free one. */
export async function choosePort({ folder }: Cluster): Promise<number> {
  const remembered = Number(await readFile(join(folder, "port"), "utf8").catch(() => "0"));
  return (await freePort(Number.isInteger(remembered) ? remembered : 0)) ?? (await freePort(0)) ?? 0;
}

/** Keeps the port for the next start, so that saved addresses stay good. */
export async function rememberPort({ folder }: Cluster, port: number, user: ServerUser | undefined): Promise<void> {
  const file = join(folder, "port");
  await writeFile(file, `${port}\n`, { mode: 0o600 });
  if (user !== undefined) await chown(file, user.uid, user.gid);
}

/** `wanted` (0: any) when it can be listened on at loopback, else undefined. */
function freePort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(undefined));
    probe.listen({ host: "127.0.0.1", port: wanted }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}
