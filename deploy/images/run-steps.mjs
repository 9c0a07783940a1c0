/**
 * Builds images without a container engine and tries what they hold:
 *   node deploy/images/run-steps.mjs coordinator worker [--keep FOLDER]
 * Carries out the Dockerfile's steps in a clean folder, then starts each entry point in there as the image's user, with all but /tmp
 * read-only, against a Redis and a Postgres of this machine; asks the health checks; and has a study trained. As root on Linux, with
 * redis-server; the repository installed and built (its embedded Postgres is used). This machine's Node.js stands in for the base image's.
 */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ignoredBy } from "./ignored.mjs";
import { ended, spawnIn } from "./jail.mjs";
import { readStages, stagesFor } from "./stages.mjs";
import { bytesUnder, carryOut } from "./steps.mjs";

const context = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const log = (line) => console.log(line);

async function build(targets, work) {
  const { args, stages } = readStages(readFileSync(join(context, "deploy/images/Dockerfile"), "utf8"));
  const ignored = ignoredBy(readFileSync(join(context, ".dockerignore"), "utf8"));
  const npmCache = join(homedir(), ".npm");
  mkdirSync(npmCache, { recursive: true });
  const images = await carryOut(stagesFor(stages, targets), { context, ignored, args, work, npmCache, log });
  for (const target of targets) {
    log(`${target}: /app holds ${Math.round(bytesUnder(join(images.get(target).root, "app")) / 1e6)} MB`);
  }
  return images;
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** Redis and Postgres for as long as the run lasts: on loopback, with what an operator must set. */
async function startServices(work) {
  const { startEmbeddedPostgres } = await import("../../libs/embedded-postgres/dist/index.js");
  const postgres = await startEmbeddedPostgres({ directory: join(work, "postgres") });
  const port = await freePort();
  const redis = spawn(
    "redis-server",
    ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", "noeviction"],
    {
      stdio: "ignore",
    },
  );
  return {
    databaseUrl: postgres.url,
    redisUrl: `redis://127.0.0.1:${port}`,
    async stop() {
      redis.kill();
      await ended(redis);
      await postgres[Symbol.asyncDispose]();
    },
  };
}

/** What was started and must not outlive this process. */
const running = new Set();

/** Runs a command of the image as its user, all but /tmp read-only. */
function start(image, command, environment, { stdio = "inherit" } = {}) {
  const child = spawnIn(image.root, command, {
    cwd: image.cwd,
    environment: { ...image.environment, ...environment },
    user: image.user,
    readOnly: true,
    stdio,
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** Until the image's health check says so, for liveness and readiness; throws when the process goes or half a minute passes. */
async function healthy(name, image, child, address) {
  for (const service of ["liveness", "readiness"]) {
    const probe = [...image.healthcheck.slice(0, 2), address, service];
    for (let tries = 60; (await ended(start(image, probe, {}, { stdio: "ignore" }))) !== 0; tries--) {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
      if (tries === 0) throw new Error(`${name}: ${service} is not serving`);
      await pause(500);
    }
    log(`${name}: ${service} is serving`);
  }
}

async function stop(name, child) {
  // The signal goes to the process in there: unshare passes none on.
  const inner = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
  process.kill(Number(inner), "SIGTERM");
  const code = await ended(child);
  if (code !== 0) throw new Error(`${name} ended with ${code} at SIGTERM`);
  log(`${name}: ended in order at SIGTERM`);
}

async function tryOut(images, services) {
  const [grpc, health, http, workerHealth] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const token = "a-token-of-this-run-alone";
  const lent = { STRIDE_TOKEN: token, STRIDE_COORDINATOR: `127.0.0.1:${grpc}` };
  const [coordinator, worker] = [images.get("coordinator"), images.get("worker")];
  const stored = { STRIDE_DATABASE_URL: services.databaseUrl, STRIDE_REDIS_URL: services.redisUrl };
  if ((await ended(start(coordinator, [...coordinator.entrypoint, "db", "migrate"], stored))) !== 0) {
    throw new Error("the database was not migrated");
  }
  const up = start(coordinator, [...coordinator.entrypoint, ...coordinator.command], {
    ...stored,
    STRIDE_TOKEN: token,
    STRIDE_MIGRATE: "0",
    STRIDE_LISTEN: `127.0.0.1:${grpc}`,
    STRIDE_HEALTH_LISTEN: `127.0.0.1:${health}`,
    STRIDE_HTTP_LISTEN: `127.0.0.1:${http}`,
  });
  await healthy("coordinator", coordinator, up, `127.0.0.1:${health}`);
  if (worker !== undefined) {
    const training = start(worker, worker.entrypoint, {
      ...lent,
      STRIDE_QUEUE_URL: services.redisUrl,
      STRIDE_HEALTH_LISTEN: `127.0.0.1:${workerHealth}`,
    });
    await healthy("worker", worker, training, `127.0.0.1:${workerHealth}`);
    const submitted = await ended(start(coordinator, ["stride", "submit", "sweeps/smoke.yaml", "--watch"], lent));
    if (submitted !== 0) throw new Error(`the study ended with ${submitted}`);
    log("worker: trained sweeps/smoke.yaml");
    await stop("worker", training);
  }
  await stop("coordinator", up);
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { keep: { type: "string" } } });
const usable = positionals.length > 0 && positionals.every((name) => ["coordinator", "worker"].includes(name));
if (!usable || process.getuid() !== 0) {
  console.error("usage, as root: node deploy/images/run-steps.mjs coordinator [worker] [--keep FOLDER]");
  process.exit(2);
}
const work = values.keep === undefined ? mkdtempSync(join(tmpdir(), "stride-images-")) : resolve(values.keep);
// Others may look inside: the server of the database runs as another user, and so do the images.
chmodSync(work, 0o755);
try {
  const images = await build([...new Set(["coordinator", ...positionals])], work);
  const services = await startServices(work);
  await tryOut(images, services).finally(services.stop);
} finally {
  for (const child of running) child.kill("SIGKILL");
  if (values.keep === undefined) rmSync(work, { recursive: true, force: true });
}
