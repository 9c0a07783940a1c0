import { chmod, lstat, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedPostgresError } from "./errors.js";
import { canReach, type ServerUser } from "./server-user.js";

/** Tried in this order; the first is where a system keeps its services' data, and no cleaner of old files visits it. */
const defaultParents = ["/var/lib", "/var/tmp", tmpdir()];

/**
 * A folder of root's that `user` can reach, for what cannot stay in a closed folder. Root owns it and nobody else may
 * write there, so nothing in it can be planted by another account.
 */
export async function privateRoot(user: ServerUser, parents: readonly string[] = defaultParents): Promise<string> {
  const problems: string[] = [];
  for (const parent of parents) {
    const folder = join(parent, "stride-postgres");
    const problem = await prepare(folder, user).catch((error: unknown) => String(error));
    if (problem === undefined) return folder;
    problems.push(`${folder}: ${problem}`);
  }
  throw new EmbeddedPostgresError(
    `as root, PostgreSQL runs as the account ${user.name}, and no folder was found that this account can reach ` +
      `(${problems.join("; ")}). Make one of them usable, run as an ordinary user, or set STRIDE_DATABASE_URL`,
  );
}

/** Says why `folder` cannot be used, or undefined when it can. */
async function prepare(folder: string, user: ServerUser): Promise<string | undefined> {
  await mkdir(folder, { mode: 0o755 }).then(
    () => chmod(folder, 0o755),
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
  const { mode, uid } = await lstat(folder).then((found) => (found.isDirectory() ? found : { mode: 0o777, uid: -1 }));
  if (uid !== 0 || (mode & 0o022) !== 0) return "not a folder that only root may write to";
  if (!(await canReach(user, folder))) return `${user.name} cannot reach it`;
  const probe = await mkdtemp(join(folder, "probe-"));
  await rm(probe, { recursive: true });
  return undefined;
}
