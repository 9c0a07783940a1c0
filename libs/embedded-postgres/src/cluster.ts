import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries.js";
import { EmbeddedPostgresError, errorCode } from "./errors.js";
import type { Location } from "./location.js";
import { isAlive } from "./process-identity.js";

/** Role and database of the one user, and the major version of the server. */
export const role = "stride";
export const database = "stride";
export const majorVersion = "18";

/** A data folder and what is needed to serve it. */
export interface Cluster {
  readonly folder: string;
  readonly data: string;
  readonly log: string;
  readonly password: string;
}

/** Settings of a new cluster, written to its postgresql.conf, where a user may change them. Durability stays on. */
const settings: Readonly<Record<string, string>> = {
  max_connections: "100",
  shared_buffers: "64MB",
  max_wal_size: "512MB",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
};

/**
 * The cluster of a location, created (initdb, UTF8, C locale, a random password) when there is none. It is prepared beside
 * and renamed into place, so that a crash or a second process at the same time never leaves half a cluster.
 */
export async function openCluster({ home, user }: Location, binaries: Binaries): Promise<Cluster> {
  const folder = join(home, "cluster");
  const found = await readCluster(folder);
  if (found !== undefined) return found;
  await removeAbandonedDrafts(home);
  const draft = join(home, `cluster-draft-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    await mkdir(draft, { mode: 0o700 });
    const passwordFile = join(draft, "password");
    await writeFile(passwordFile, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
    if (user !== undefined) for (const path of [draft, passwordFile]) await chown(path, user.uid, user.gid);
    await initialise({ draft, passwordFile, binaries, user });
    await rename(draft, folder).catch((error: unknown) => {
      if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(errorCode(error) ?? "")) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  const created = await readCluster(folder);
  if (created === undefined) throw new EmbeddedPostgresError(`the cluster in ${folder} vanished while it was created`);
  return created;
}

async function readCluster(folder: string): Promise<Cluster | undefined> {
  try {
    const data = join(folder, "data");
    const version = (await readFile(join(data, "PG_VERSION"), "utf8")).trim();
    if (version !== majorVersion) {
      throw new EmbeddedPostgresError(
        `the data in ${data} were written by PostgreSQL ${version}, and this is ${majorVersion}: ` +
          "export them with the old version, or use another folder",
      );
    }
    const password = (await readFile(join(folder, "password"), "utf8")).trim();
    return { folder, data, log: join(folder, "postgres.log"), password };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    if (error instanceof EmbeddedPostgresError) throw error;
    throw new EmbeddedPostgresError(
      `cannot read the cluster in ${folder}: ${errorCode(error)} (does it belong to another user?)`,
      { cause: error },
    );
  }
}

/** Drafts of processes that died in the middle. */
async function removeAbandonedDrafts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const pid = /^cluster-draft-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(home, name), { recursive: true, force: true });
  }
}

interface Initialise extends Pick<Location, "user"> {
  readonly draft: string;
  readonly passwordFile: string;
  readonly binaries: Binaries;
}

async function initialise({ draft, passwordFile, binaries, user }: Initialise): Promise<void> {
  const { code, output } = await runProgram({
    program: binaries.initdb,
    cwd: draft,
    user,
    args: [
      `--pgdata=${join(draft, "data")}`,
      `--username=${role}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--no-locale",
      "--no-instructions",
      ...Object.entries(settings).map(([name, value]) => `--set=${name}=${value}`),
    ],
  });
  if (code !== 0) throw new EmbeddedPostgresError(`initdb failed (${code ?? "killed"}):\n${output.trim()}`);
}

/** Nothing of our environment reaches the server: neither PG* variables nor secrets. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TMPDIR } = process.env;
  return { LC_ALL: "C", ...(PATH && { PATH }), ...(SystemRoot && { SystemRoot }), ...(TMPDIR && { TMPDIR }) };
}

interface RunProgram extends Pick<Location, "user"> {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

/** Runs a program of PostgreSQL to its end. `code` is null when a signal ended it. */
export function runProgram({ program, args, cwd, user }: RunProgram): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: serverEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => {
      reject(new EmbeddedPostgresError(`cannot run ${program}: ${errorCode(error)}`, { cause: error }));
    });
    child.on("close", (code) => resolve({ code, output }));
  });
}
