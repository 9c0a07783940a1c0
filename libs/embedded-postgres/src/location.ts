import { randomUUID } from "node:crypto";
import { chmod, chown, link, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { EmbeddedPostgresError, errorCode } from "./errors.js";
import { privateRoot } from "./private-root.js";
import { canReach, findServerUser, ownerOf, type ServerUser } from "./server-user.js";

/** Where the cluster of a directory lies and who serves it. */
export interface Location {
  /** Holds `cluster/`: the directory itself, or the folder its pointer file names. */
  readonly home: string;
  /** Undefined when the server runs under our own account. */
  readonly user: ServerUser | undefined;
}

/** Written to the directory when its cluster had to be put elsewhere; holds that folder's path. */
export const pointerFile = "location";

/**
 * Makes `directory` and says where its cluster lies. An ordinary user's cluster lies in the directory. Root's is served
 * by an unprivileged account: it lies in the directory too when that account can reach it, else in a folder of
 * `privateRoot`, which the directory's pointer file names. A directory that is moved takes its pointer along.
 */
export async function locate(directory: string): Promise<Location> {
  const folder = resolve(directory);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new EmbeddedPostgresError(`cannot make the database folder ${folder}: ${errorCode(error)}`, { cause: error });
  });
  const pointed = await readPointer(folder);
  const home = pointed ?? folder;
  const owner = await ownerOf(join(home, "cluster")).catch(() => undefined);
  const root = await findServerUser();
  if (root === undefined) return { home, user: undefined };
  const user = owner ?? root;
  if (await canReach(user, home)) return { home, user };
  if (owner !== undefined) {
    throw new EmbeddedPostgresError(
      `the cluster in ${home} is served by the account ${user.name}, which can no longer reach that folder: ` +
        "open its parent folders to others (mode o+x), or move it",
    );
  }
  return { home: await moveOut(folder, user), user };
}

async function readPointer(folder: string): Promise<string | undefined> {
  const pointed = await readFile(join(folder, pointerFile), "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw new EmbeddedPostgresError(
      `cannot read ${join(folder, pointerFile)}: ${errorCode(error)} (made by another user?)`,
      {
        cause: error,
      },
    );
  });
  if (pointed === undefined) return undefined;
  const home = pointed.trim();
  await stat(home).catch((error: unknown) => {
    throw new EmbeddedPostgresError(
      `the database folder ${home}, named by ${join(folder, pointerFile)}, is gone or closed to us: ` +
        `bring it back, or delete ${folder} to start with an empty database`,
      { cause: error },
    );
  });
  return home;
}

/** Gives the directory a home elsewhere; of two processes doing so at once the first wins. */
async function moveOut(folder: string, user: ServerUser): Promise<string> {
  const home = await mkdtemp(join(await privateRoot(user), "data-"));
  await chmod(home, 0o700);
  await chown(home, user.uid, user.gid);
  try {
    await placeOnce(join(folder, pointerFile), `${home}\n`);
    return home;
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    const winner = errorCode(error) === "EEXIST" ? await readPointer(folder) : undefined;
    if (winner !== undefined) return winner;
    throw error;
  }
}

/** Creates `file` with all of `text`, or fails with EEXIST. */
async function placeOnce(file: string, text: string): Promise<void> {
  const draft = `${file}-${randomUUID()}`;
  await writeFile(draft, text, { mode: 0o600 });
  try {
    await link(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
