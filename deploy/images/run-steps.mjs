/**
 * Builds images and tries what they hold:
 *   node deploy/images/run-steps.mjs coordinator worker [--keep FOLDER] [--engine docker|podman [--option OPTION]…]
 * Starts each entry point as the image's user, with all but /tmp read-only, against a Redis and a Postgres of this machine; asks the health
 * checks; has a study trained; and ends all by SIGTERM. Without an engine it carries out the Dockerfile's steps in a clean folder, which
 * takes root on Linux; this machine's Node.js then stands in for the base image's. Needs redis-server, and the repository installed and built
 * (its embedded Postgres is used). OPTION is one more for `docker run`.
 */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createEngine } from "./engine.mjs";
import { ignoredBy } from "./ignored.mjs";
import { ended, spawnIn } from "./jail.mjs";
import { readStages, stagesFor } from "./stages.mjs";
import { bytesUnder, carryOut } from "./steps.mjs";

const context = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const log = (line) => console.log(line);

/** The same three things as an engine's (engine.mjs), without one. */
function createStandIn(work) {
  return {
    async build(targets) {
      const { args, stages } = readStages(readFileSync(join(context, "deploy/images/Dockerfile"), "utf8"));
      const ignored = ignoredBy(readFileSync(join(context, ".dockerignore"), "utf8"));
      const npmCache = join(homedir(), ".npm");
      mkdirSync(npmCache, { recursive: true });
      const images = await carryOut(stagesFor(stages, targets), { context, ignored, args, work, npmCache, log });
      for (const target of targets) {
        log(`${target}: /app holds ${Math.round(bytesUnder(join(images.get(target).root, "app")) / 1e6)} MB`);
      }
      return images;
    },
    start: (image, command, environment, { stdio = "inherit" } = {}) =>
      spawnIn(image.root, command, {
        cwd: image.cwd,
        environment: { ...image.environment, ...environment },
        user: image.user,
        readOnly: true,
        stdio,
      }),
    async terminate(child) {
      // The signal goes to the process in there: unshare passes none on.
      const inner = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
      process.kill(Number(inner), "SIGTERM");
    },
  };
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
  const settings = ["--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", "noeviction"];
  const redis = spawn("redis-server", ["--port", `${port}`, ...settings], { stdio: "ignore" });
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

function started(backend, ...what) {
  const child = backend.start(...what);
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** Until the health check says so, for liveness and readiness; throws when the process goes or it takes too long. */
async function healthy(backend, name, image, child, address) {
  for (const service of ["liveness", "readiness"]) {
    const probe = ["node", "libs/rpc/dist/probe.js", address, service];
    for (let tries = 60; (await ended(started(backend, image, probe, {}, { stdio: "ignore" }))) !== 0; tries--) {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
      if (tries === 0) throw new Error(`${name}: ${service} is not serving`);
      await pause(500);
    }
    log(`${name}: ${service} is serving`);
  }
}

async function stop(backend, name, child) {
  const gone = ended(child);
  await backend.terminate(child);
  const code = await gone;
  if (code !== 0) throw new Error(`${name} ended with ${code} at SIGTERM`);
  log(`${name}: ended in order at SIGTERM`);
}

async function tryOut(backend, images, services) {
  const [grpc, health, http, workerHealth] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const token = "a-token-of-this-run-alone";
  const lent = { STRIDE_TOKEN: token, STRIDE_COORDINATOR: `127.0.0.1:${grpc}` };
  const [coordinator, worker] = [images.get("coordinator"), images.get("worker")];
  const stored = { STRIDE_DATABASE_URL: services.databaseUrl, STRIDE_REDIS_URL: services.redisUrl };
  const stride = ["node", "apps/coordinator/bin/stride.mjs"];
  if ((await ended(started(backend, coordinator, [...stride, "db", "migrate"], stored))) !== 0) {
    throw new Error("the database was not migrated");
  }
  const up = started(backend, coordinator, [...stride, "up"], {
    ...stored,
    STRIDE_TOKEN: token,
    STRIDE_MIGRATE: "0",
    STRIDE_LISTEN: `127.0.0.1:${grpc}`,
    STRIDE_HEALTH_LISTEN: `127.0.0.1:${health}`,
    STRIDE_HTTP_LISTEN: `127.0.0.1:${http}`,
  });
  await healthy(backend, "coordinator", coordinator, up, `127.0.0.1:${health}`);
  if (worker !== undefined) {
    const training = started(backend, worker, ["node", "apps/worker/dist/main.js"], {
      ...lent,
      STRIDE_QUEUE_URL: services.redisUrl,
      STRIDE_HEALTH_LISTEN: `127.0.0.1:${workerHealth}`,
    });
    await healthy(backend, "worker", worker, training, `127.0.0.1:${workerHealth}`);
    const submit = ["stride", "submit", "sweeps/smoke.yaml", "--watch"];
    const submitted = await ended(started(backend, coordinator, submit, lent));
    if (submitted !== 0) throw new Error(`the study ended with ${submitted}`);
    log("worker: trained sweeps/smoke.yaml");
    await stop(backend, "worker", training);
  }
  await stop(backend, "coordinator", up);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: "string" }, engine: { type: "string" }, option: { type: "string", multiple: true } },
});
const usable = positionals.length > 0 && positionals.every((name) => ["coordinator", "worker"].includes(name));
if (!usable || (values.engine === undefined && process.getuid() !== 0)) {
  console.error(
    "usage: node deploy/images/run-steps.mjs coordinator [worker] [--keep FOLDER] [--engine docker|podman [--option OPTION]…]\n" +
      "without an engine: as root",
  );
  process.exit(2);
}
const work = values.keep === undefined ? mkdtempSync(join(tmpdir(), "stride-images-")) : resolve(values.keep);
mkdirSync(work, { recursive: true });
// Others may look inside: the server of the database runs as another user, and so do the images.
chmodSync(work, 0o755);
try {
  const { engine, option: options = [] } = values;
  const backend = engine === undefined ? createStandIn(work) : createEngine({ engine, options, context });
  const images = await backend.build([...new Set(["coordinator", ...positionals])]);
  const services = await startServices(work);
  await tryOut(backend, images, services).finally(services.stop);
} finally {
  for (const child of running) child.kill("SIGKILL");
  if (values.keep === undefined) rmSync(work, { recursive: true, force: true });
}
