import { readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { EmbeddedPostgresError } from "./errors.js";

/** The unprivileged account a server runs under when this process is root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root, and initdb wants an account that exists; these exist nearly everywhere. */
const candidates = ["postgres", "nobody", "daemon"];

/** The account to start the server under, or undefined when this process is not root and starts it as itself. */
export async function findServerUser(): Promise<ServerUser | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  const accounts = parseAccounts(await readFile("/etc/passwd", "utf8").catch(() => ""));
  for (const name of candidates) {
    const account = accounts.find((each) => each.name === name && each.uid !== 0);
    if (account !== undefined) return account;
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root, and none of the accounts ${candidates.join(", ")} exists to run it instead: ` +
      "create one, or run as an ordinary user",
  );
}

/** The account that owns `path`: a cluster that exists is served by its owner. Undefined when that is root or unknown. */
export async function ownerOf(path: string): Promise<ServerUser | undefined> {
  const { uid, gid } = await stat(path);
  if (uid === 0) return undefined;
  const accounts = parseAccounts(await readFile("/etc/passwd", "utf8").catch(() => ""));
  return accounts.find((each) => each.uid === uid) ?? { name: String(uid), uid, gid };
}

/** Accounts of a passwd file (`name:password:uid:gid:…`, one a line). */
export function parseAccounts(passwd: string): readonly ServerUser[] {
  return passwd.split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":");
    if (name === undefined || uid === undefined || gid === undefined) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

/** Whether `user` may pass through every folder down to `path`, judged by the mode bits. */
export async function canReach(user: ServerUser, path: string): Promise<boolean> {
  let folder = await realpath(path);
  for (;;) {
    const { mode, uid, gid } = await stat(folder);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    if (((mode >> shift) & 1) === 0) return false;
    const parent = dirname(folder);
    if (parent === folder) return true;
    folder = parent;
  }
}
