import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { noRedis } from "@stride/queue/testing";
import { tokenSha256 } from "@stride/rpc";
import { testAuthority } from "@stride/rpc/testing";
import { startCollector } from "@stride/telemetry/testing";
import { describe, expect, it } from "vitest";
import { type NetworkHost, networkHosts, noNamespaces } from "./network-hosts.js";
import { strideHome, until } from "./stride.js";

const sweep = `study: fleet
tasks:
  - { kind: mlp, data: mnist, hidden: [16], batch: 32, trainingSize: 1024, evaluationSize: 256 }
optimizers: [{ kind: sgd }]
schedules: [{ kind: constant }, { kind: cosine }]
learningRates: [0.03, 0.1]
seeds: { tuning: 2, report: 4 }
steps: 500
`;
const trials = 2 * 2 * 6;

const bin = fileURLToPath(new URL("../bin/stride.mjs", import.meta.url));
const worker = fileURLToPath(new URL("../../worker/dist/main.js", import.meta.url));
const postgresHost = fileURLToPath(new URL("postgres-host.mjs", import.meta.url));
const { PATH, HOME } = process.env;

/** Processes of a test, each with what it said; killed with it. */
function processes() {
  const running: { readonly child: ChildProcess; said: string }[] = [];
  return {
    /** Resolves once the process says this; rejects when it ends before. */
    async start(
      host: NetworkHost,
      command: readonly [string, ...string[]],
      env: NodeJS.ProcessEnv,
      says: string | RegExp,
    ) {
      const [program, ...args] = command;
      const child = host.spawn(program, args, { PATH, HOME, ...env });
      const kept = { child, said: "" };
      running.push(kept);
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on("data", (part: Buffer) => {
          kept.said += part.toString();
        });
      }
      await until(async () => {
        if (typeof says === "string" ? kept.said.includes(says) : says.test(kept.said)) return true;
        if (child.exitCode !== null) throw new Error(`${command.join(" ")} on ${host.name} ended: ${kept.said}`);
        return false;
      }, 120_000);
      return kept;
    },
    async [Symbol.asyncDispose]() {
      for (const { child } of running.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const gone = once(child, "exit");
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
        await gone;
        clearTimeout(timer);
      }
    },
  };
}

/** Runs a program on a host to its end. */
async function ended(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly output: string }> {
  const streams = [child.stdout, child.stderr].map((stream) => (stream === null ? "" : text(stream)));
  const [code] = (await once(child, "exit")) as [number | null];
  const [stdout = "", stderr = ""] = await Promise.all(streams);
  return { code, stdout, output: stdout + stderr };
}

const missing = noNamespaces ?? noRedis;

describe.skipIf(missing !== undefined)(`an installation on five hosts ${missing ?? ""}`, () => {
  it("trains a sweep over TLS with tokens, and is watched from outside", async () => {
    using network = networkHosts({
      front: ["coordinator", "redis", "first", "second"],
      back: ["coordinator", "postgres"],
    });
    const { coordinator, redis, postgres, first, second } = network.hosts;
    await using traces = await startCollector(network.ownAddress);
    await using home = await strideHome();
    await using running = processes();

    const authority = await testAuthority();
    const pem = async (name: string, addresses: readonly string[] = []) => {
      const { cert, key } = await authority.issue({ commonName: name, names: [name], addresses });
      return { cert: await home.write(`${name}.crt`, cert), key: await home.write(`${name}.key`, key) };
    };
    const ca = await home.write("ca.crt", authority.cert);
    const [server, forRedis, forPostgres] = [
      await pem("coordinator", [coordinator.address]),
      await pem("redis", [redis.address]),
      await pem("postgres", [postgres.address]),
    ];
    const client = await pem("client");
    const tokens = Object.fromEntries(
      ["admin", "submit", "work", "read"].map((role) => [role, randomBytes(24).toString("base64url")]),
    ) as Record<"admin" | "submit" | "work" | "read", string>;
    const entries = Object.entries(tokens).map(([role, token]) => {
      return `  - { name: the-${role}, role: ${role}, sha256: ${tokenSha256(token)} }\n`;
    });
    const tokensFile = await home.write("tokens.yaml", `tokens:\n${entries.join("")}`);

    // Redis and Postgres, each with TLS and a password, the second one in the back room.
    const password = randomBytes(12).toString("hex");
    const redisConfig = await home.write(
      "redis.conf",
      `port 0\ntls-port 6379\ntls-cert-file ${forRedis.cert}\ntls-key-file ${forRedis.key}\ntls-ca-cert-file ${ca}\n` +
        `tls-auth-clients no\nbind ${redis.address}\nrequirepass ${password}\nmaxmemory-policy noeviction\nsave ""\ndir ${home.folder}\n`,
    );
    await running.start(redis, ["redis-server", redisConfig], {}, "Ready to accept connections");
    const database = await running.start(
      postgres,
      [process.execPath, postgresHost, `${home.folder}/postgres`, postgres.address, forPostgres.cert, forPostgres.key],
      {},
      /"url"/,
    );
    const owner = (JSON.parse(database.said.trim().split("\n").at(-1) ?? "") as { readonly url: string }).url;
    const verified = (url: string) => `${url}?sslmode=verify-full&sslrootcert=${ca}`;
    const queueUrl = `rediss://:${password}@${redis.address}:6379`;
    const trusting = { NODE_EXTRA_CA_CERTS: ca };
    const onCoordinator = (args: readonly string[], env: NodeJS.ProcessEnv) =>
      ended(
        coordinator.spawn(process.execPath, args, { PATH, HOME, STRIDE_HOME: `${home.folder}/coordinator`, ...env }),
      );

    // The owner migrates; the coordinator's user may read and write rows alone.
    const migrated = await onCoordinator([bin, "db", "migrate"], {
      STRIDE_DATABASE_URL: verified(owner),
      STRIDE_REDIS_URL: queueUrl,
    });
    expect(migrated).toMatchObject({ code: 0, output: expect.stringContaining("up to date") });
    const login = `const { default: pg } = await import(${JSON.stringify(import.meta.resolve("pg"))});
      const client = new pg.Client({ connectionString: process.env.URL });
      await client.connect();
      await client.query("create role coordinator login password 'of-the-coordinator' in role stride_coordinator");
      await client.end();`;
    expect(await onCoordinator(["--input-type=module", "-e", login], { URL: verified(owner) })).toMatchObject({
      code: 0,
      output: "",
    });
    const limited = Object.assign(new URL(owner), { username: "coordinator", password: "of-the-coordinator" }).href;

    const up = await running.start(
      coordinator,
      [process.execPath, bin, "up"],
      {
        ...trusting,
        STRIDE_HOME: `${home.folder}/coordinator`,
        STRIDE_DATABASE_URL: verified(limited),
        STRIDE_MIGRATE: "0",
        STRIDE_REDIS_URL: queueUrl,
        STRIDE_LISTEN: `${coordinator.address}:50051`,
        STRIDE_HTTP_LISTEN: `${coordinator.address}:9464`,
        STRIDE_TLS_CERT_FILE: server.cert,
        STRIDE_TLS_KEY_FILE: server.key,
        STRIDE_TLS_CLIENT_CA_FILE: ca,
        STRIDE_TOKENS_FILE: tokensFile,
        STRIDE_LOG_FORMAT: "json",
        OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint,
      },
      /coordinator on/,
    );
    const reaching = {
      STRIDE_COORDINATOR: `${coordinator.address}:50051`,
      STRIDE_TLS_CA_FILE: ca,
      STRIDE_TLS_CLIENT_CERT_FILE: client.cert,
      STRIDE_TLS_CLIENT_KEY_FILE: client.key,
    };
    const workTokenFile = await home.write("work-token", tokens.work);
    for (const host of [first, second]) {
      await running.start(
        host,
        [process.execPath, worker],
        {
          ...trusting,
          ...reaching,
          STRIDE_TOKEN_FILE: workTokenFile,
          STRIDE_QUEUE_URL: queueUrl,
          STRIDE_WORKER_ID: host.name,
          OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint,
        },
        "worker ready",
      );
    }

    // A researcher, on this host.
    const as = (token: string | undefined, changes: NodeJS.ProcessEnv = {}) => ({
      run: async (...args: string[]) =>
        ended(
          spawn(process.execPath, [bin, ...args], {
            env: { PATH, HOME, STRIDE_HOME: `${home.folder}/researcher`, ...reaching, STRIDE_TOKEN: token, ...changes },
            stdio: ["ignore", "pipe", "pipe"],
          }),
        ),
    });
    const file = await home.write("sweep.yaml", sweep);
    const submitted = await as(tokens.submit, { OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint }).run(
      "submit",
      file,
      "--watch",
    );
    expect(submitted.code, submitted.output).toBe(0);
    const status = await as(tokens.read).run("status", "fleet", "--json");
    expect(JSON.parse(status.stdout)).toMatchObject({ phase: "done", trials: { completed: trials, failed: 0 } });
    const workers = JSON.parse((await as(tokens.read).run("workers", "--json")).stdout) as readonly object[];
    expect(workers).toMatchObject([
      { workerId: "first", state: "working" },
      { workerId: "second", state: "working" },
    ]);

    // Each door, from outside.
    const refusals: readonly (readonly [ReturnType<typeof as>, RegExp])[] = [
      [as(undefined), /token/],
      [as(`${tokens.read}x`), /token/],
      [as(tokens.read), /submit/],
      [as(tokens.work), /submit/],
      [as(tokens.submit, { STRIDE_TLS_CLIENT_CERT_FILE: "", STRIDE_TLS_CLIENT_KEY_FILE: "" }), /certificate/],
      [as(tokens.submit, { STRIDE_TLS_CA_FILE: "" }), /TLS|plain/],
    ];
    for (const [who, why] of refusals) {
      const { code, output } = await who.run("submit", file);
      expect([2, 3], output).toContain(code);
      expect(output).toMatch(why);
    }
    const knock = `require("node:net").connect({ host: "${postgres.address}", port: 5432, timeout: 3000 })
      .on("connect", () => process.exit(0)).on("error", () => process.exit(7)).on("timeout", () => process.exit(7));`;
    expect((await ended(coordinator.spawn(process.execPath, ["-e", knock], { PATH }))).code).toBe(0);
    expect((await ended(first.spawn(process.execPath, ["-e", knock], { PATH }))).code).toBe(7);

    // What an operator sees.
    const metrics = await scraped(`https://${coordinator.address}:9464/metrics`, {
      ca: authority.cert,
      token: tokens.read,
    });
    expect(metrics.status).toBe(200);
    expect(metrics.body).toMatch(
      new RegExp(`^stride_trials\\{(?=.*study="fleet")(?=.*outcome="completed").*\\} ${trials}$`, "m"),
    );
    expect(metrics.body).toMatch(/^stride_cohorts_unfinished 0$/m);
    expect(metrics.body).toMatch(/^stride_refused_calls_total\{.+\} [1-9]/m);
    expect((await scraped(`https://${coordinator.address}:9464/metrics`, { ca: authority.cert })).status).toBe(401);

    // One trace from the command line over the coordinator to both workers and back.
    await until(async () => {
      const services = traces.spans.filter(({ name }) => /submit/i.test(name)).map(({ traceId }) => traceId);
      return services.some((traceId) => {
        const own = traces.spans.filter((span) => span.traceId === traceId);
        return new Set(own.map(({ service }) => service)).size >= 3 && own.some(({ name }) => /attempt/i.test(name));
      });
    }, 60_000);

    // Nothing secret was said.
    const secrets = [...Object.values(tokens), password, "of-the-coordinator", new URL(owner).password];
    for (const { said } of [up]) for (const secret of secrets) expect(said).not.toContain(secret);
  }, 600_000);
});

function scraped(
  url: string,
  { ca, token }: { readonly ca: string; readonly token?: string },
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    request(url, { ca, headers }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode, body }), reject);
    })
      .on("error", reject)
      .end();
  });
}
