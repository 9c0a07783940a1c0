import { spawn } from "node:child_process";
import { type Binaries, findPackage, usableBinaries } from "./binaries.js";
import { type Cluster, openCluster, runProgram, serverEnvironment } from "./cluster.js";
import { connectionUrl, inspect, otherClients } from "./connection.js";
import { EmbeddedPostgresError, errorCode } from "./errors.js";
import { type Location, locate } from "./location.js";
import { openLog } from "./log.js";
import { choosePort, rememberPort } from "./port.js";
import { type Postmaster, readPostmaster, removeStalePidFile } from "./postmaster.js";
import { processIdentity } from "./process-identity.js";

/** A real PostgreSQL on this machine's loopback. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** With the password: never print it. */
  readonly url: string;
  /** True when a server of the directory ran already. */
  readonly attached: boolean;
}

export interface StartOptions {
  /** Holds the cluster (or points to it), for instance `.stride/postgres`; made when missing. */
  readonly directory: string;
  /** Server settings for this run alone, over those of the cluster's postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Recovery after a crash replays at most max_wal_size, which takes seconds; a server that is silent this long is stuck. */
const patienceMs = 120_000;
const pollMs = 25;

interface Server extends Location {
  readonly binaries: Binaries;
  readonly cluster: Cluster;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Starts the PostgreSQL of `directory`, or attaches to it when it runs already; of several processes starting at once
 * one starts it. Who started it stops it on dispose (fast shutdown; clients still connected are cut off), who attached
 * leaves it running. When the starter died without disposing the server goes on, and is stopped by the first attached
 * process that disposes while no other client is connected. Data written survive the death of any process at any time.
 * Throws `EmbeddedPostgresError`.
 */
export async function startEmbeddedPostgres({ directory, settings = {} }: StartOptions): Promise<EmbeddedPostgres> {
  const location = await locate(directory);
  const binaries = await usableBinaries({ directory, user: location.user, found: await findPackage() });
  const server: Server = { ...location, binaries, cluster: await openCluster(location, binaries), settings };
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const running = await readPostmaster(server.cluster.data);
    const result = running === undefined ? await launch(server, deadline) : await attach(server, running);
    if (result !== undefined) return result;
    await pause(pollMs);
  }
  throw new EmbeddedPostgresError(
    `the PostgreSQL of ${server.home} was not ready after ${patienceMs / 1000} s; its log: ${server.cluster.log}`,
  );
}

/** Undefined while the running server is not ready (or is just going away): ask again. */
async function attach(server: Server, running: Postmaster): Promise<EmbeddedPostgres | undefined> {
  if (!running.ready) return undefined;
  const found = await inspect(server.cluster, running.port);
  if (found === undefined) return undefined;
  const dispose = async () => {
    const starter = Number(found.owner.split("-")[0]);
    if ((await processIdentity(starter)) === found.owner) return;
    if (await isUnused(server, running.port)) await stop(server, running.pid);
  };
  return handle(server, running.port, { attached: true, dispose });
}

/** Undefined when another process was faster, or the port was taken in between, or the old server's last process still ends: try again. */
async function launch(server: Server, deadline: number): Promise<EmbeddedPostgres | undefined> {
  const { cluster, binaries, user, settings } = server;
  await removeStalePidFile(cluster.data);
  const port = await choosePort(cluster);
  const own = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    "stride.owner": await processIdentity(process.pid),
  };
  const log = await openLog(cluster.log, user);
  const child = spawn(
    binaries.postgres,
    [
      "-D",
      cluster.data,
      ...Object.entries({ ...settings, ...own }).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    {
      cwd: cluster.folder,
      env: serverEnvironment(),
      detached: true, // Ctrl-C on our terminal is for us; the server ends when we dispose.
      stdio: ["ignore", log.file.fd, log.file.fd],
      ...(user && { uid: user.uid, gid: user.gid }),
    },
  );
  let ended = "";
  child.once("error", (error) => {
    ended = `cannot run ${binaries.postgres}: ${errorCode(error)}`;
  });
  child.once("exit", (code, signal) => {
    ended = `the PostgreSQL server ended at once (${code ?? signal})`;
  });
  child.unref();
  await log.file.close();
  while (ended === "" && Date.now() < deadline) {
    const running = await readPostmaster(cluster.data);
    if (running?.pid === child.pid && running?.ready && (await inspect(cluster, port)) !== undefined) {
      await rememberPort(cluster, port, user);
      const { pid } = running;
      return handle(server, port, { attached: false, dispose: () => stop(server, pid) });
    }
    await pause(pollMs);
  }
  const said = await log.tail();
  if (passing.some((message) => said.includes(message))) return undefined;
  throw new EmbeddedPostgresError(
    `${ended || "the PostgreSQL server did not become ready"}; its log (${cluster.log}) says:\n${said}`,
  );
}

/** What a server says that lost a race: another holds the folder, has the port, or has not quite ended. */
const passing = [
  'lock file "postmaster.pid" already exists',
  'bogus data in lock file "postmaster.pid"',
  'lock file "postmaster.pid" is empty',
  "pre-existing shared memory block",
  "Address already in use",
];

/** Asks for a second: the backend of a connection that was closed just now takes a moment to go. */
async function isUnused({ cluster }: Server, port: number): Promise<boolean> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    if ((await otherClients(cluster, port)) === 0) return true;
    await pause(100);
  }
  return false;
}

interface Ending {
  readonly attached: boolean;
  dispose(): Promise<void>;
}

function handle({ cluster }: Server, port: number, { attached, dispose }: Ending): EmbeddedPostgres {
  let disposed: Promise<void> | undefined;
  return {
    url: connectionUrl(cluster, port),
    attached,
    [Symbol.asyncDispose]() {
      disposed ??= dispose();
      return disposed;
    },
  };
}

/** Stops this very server; one that somebody started since is not ours to stop. */
async function stop({ cluster, binaries, user }: Server, pid: number): Promise<void> {
  if ((await readPostmaster(cluster.data))?.pid !== pid) return;
  const args = ["stop", "-D", cluster.data, "-m", "fast", "-w", "-t", "60"];
  const { code, output } = await runProgram({ program: binaries.pgCtl, args, cwd: cluster.folder, user });
  if (code === 0 || (await readPostmaster(cluster.data))?.pid !== pid) return;
  throw new EmbeddedPostgresError(
    `cannot stop the PostgreSQL of ${cluster.folder} (process ${pid}):\n${output.trim()}`,
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
