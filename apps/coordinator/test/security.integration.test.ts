import { chmod, rename, writeFile } from "node:fs/promises";
import { freshDatabase } from "@stride/embedded-postgres/testing";
import { freePort } from "@stride/queue/testing";
import { testAuthority } from "@stride/rpc/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, type Running, type StrideHome, strideHome, until } from "./stride.js";

const sweep = `study: guarded
tasks: [{ kind: quadratic }]
schedules: [{ kind: constant }, { kind: cosine }]
learningRates: [0.1]
seeds: { tuning: 0, report: 2 }
steps: 20
`;

interface Fresh {
  readonly token: string;
  readonly entry: object;
}

const ours = await testAuthority("ours");
const theirs = await testAuthority("theirs");
const closing: AsyncDisposable[] = [];
let home: StrideHome;
let up: Running;
let coordinator: string;
let caFile: string;
let databaseUrl: string;
const tokens: Record<string, Fresh> = {};

async function fresh(name: string, role: string): Promise<Fresh> {
  return (await home.json("token", "new", "--name", name, "--role", role, "--json")) as Fresh;
}

/** Replaced as a whole, as an operator or a secret's volume does. */
async function replace(name: string, text: string): Promise<string> {
  const draft = await home.write(`${name}.draft`, text);
  await chmod(draft, 0o600);
  const file = draft.replace(/\.draft$/, "");
  await rename(draft, file);
  return file;
}

const tokensText = (entries: readonly object[]) => JSON.stringify({ tokens: entries });

/** A command of somebody elsewhere, who has this environment and nothing else. */
async function elsewhere(variables: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  await using stranger = await strideHome({ STRIDE_COORDINATOR: coordinator, ...variables });
  await stranger.write("sweep.yaml", sweep);
  return await stranger.run(...args);
}

beforeAll(async () => {
  const database = await freshDatabase();
  closing.push(database);
  databaseUrl = database.url;
  const port = await freePort();
  coordinator = `127.0.0.1:${port}`;
  const setup = await strideHome();
  closing.push(setup);
  home = setup;
  for (const role of ["read", "submit", "work", "admin"]) tokens[role] = await fresh(`some ${role}`, role);
  const old = await fresh("late", "admin");
  tokens.expired = { ...old, entry: { ...old.entry, expires: "2020-01-01T00:00:00Z" } };
  const server = await ours.issue();
  caFile = await replace("ca.pem", ours.cert);
  const variables = {
    STRIDE_HOME: `${setup.folder}/.stride`,
    STRIDE_DATABASE_URL: database.url,
    STRIDE_LISTEN: coordinator,
    STRIDE_TLS_CERT_FILE: await replace("cert.pem", server.cert),
    STRIDE_TLS_KEY_FILE: await replace("key.pem", server.key),
    STRIDE_TOKENS_FILE: await replace("tokens.yaml", tokensText(Object.values(tokens).map(({ entry }) => entry))),
  };
  const host = await strideHome(variables);
  closing.push(host);
  up = host.start("up");
  await up.says("coordinator on");
});

afterAll(async () => {
  for (const each of closing.reverse()) await each[Symbol.asyncDispose]();
});

const tokenOf = (name: string): Record<string, string> => ({ STRIDE_TOKEN: tokens[name]?.token ?? "" });

describe("a coordinator with TLS and a tokens file", () => {
  it("says that it speaks TLS, and warns of nothing on loopback", () => {
    expect(up.said()).toContain(`coordinator on ${coordinator} (TLS)`);
    expect(up.said()).not.toContain("plain text");
  });

  it.each([
    { who: "read", args: ["status"], code: 0, says: "" },
    {
      who: "read",
      args: ["submit", "sweep.yaml"],
      code: 2,
      says: "refused the call: this call needs the role submit, and the token of some read has the role read",
    },
    { who: "submit", args: ["submit", "sweep.yaml"], code: 0, says: "" },
    {
      who: "work",
      args: ["status"],
      code: 2,
      says: "needs the role read, and the token of some work has the role work",
    },
    { who: "admin", args: ["pause", "guarded"], code: 0, says: "" },
    { who: "submit", args: ["resume", "guarded"], code: 0, says: "" },
    { who: "expired", args: ["status"], code: 2, says: "the token of late expired at 2020-01-01T00:00:00.000Z" },
    { who: "nobody", args: ["status"], code: 2, says: "refused the token: set STRIDE_TOKEN or STRIDE_TOKEN_FILE" },
  ])("answers $args with a token of $who by exit code $code", async ({ who, args, code, says }) => {
    const ended = await elsewhere({ STRIDE_TLS_CA_FILE: caFile, ...tokenOf(who) }, ...args);
    expect(ended.stderr).toContain(says);
    expect(ended.code).toBe(code);
    for (const { token } of Object.values(tokens)) expect(ended.stderr + ended.stdout).not.toContain(token);
  });

  it.each([
    { what: "plain text", variables: {}, code: 3, says: "it speaks TLS: set STRIDE_TLS_CA_FILE" },
    { what: "the system's authorities", variables: { STRIDE_TLS: "1" }, code: 3, says: "not trusted here" },
    {
      what: "a name that the certificate is not for",
      variables: { STRIDE_TLS_CA_FILE: "ca.pem", STRIDE_TLS_SERVER_NAME: "stride.example" },
      code: 3,
      says: "not for stride.example: set STRIDE_TLS_SERVER_NAME",
    },
    {
      what: "half a certificate of its own",
      variables: { STRIDE_TLS: "1", STRIDE_TLS_CLIENT_CERT_FILE: "ca.pem" },
      code: 2,
      says: "STRIDE_TLS_CLIENT_CERT_FILE is set, and STRIDE_TLS_CLIENT_KEY_FILE is not",
    },
    {
      what: "an authority's file that is not there",
      variables: { STRIDE_TLS_CA_FILE: "nothing.pem" },
      code: 2,
      says: "nothing.pem cannot be read: there is no such file",
    },
    {
      what: "two tokens",
      variables: { STRIDE_TLS_CA_FILE: "ca.pem", STRIDE_TOKEN_FILE: "token" },
      code: 2,
      says: "STRIDE_TOKEN and STRIDE_TOKEN_FILE are both set",
    },
  ])("is not reached with $what: exit code $code and the reason", async ({ variables, code, says }) => {
    await using stranger = await strideHome({ STRIDE_COORDINATOR: coordinator, ...tokenOf("admin"), ...variables });
    await stranger.write("ca.pem", ours.cert);
    const ended = await stranger.run("status");
    expect(ended.stderr).toContain(says);
    expect(ended.code).toBe(code);
  });

  it("is worked for by the worker beside it, which needs no setting, and by no worker without the role", async () => {
    const refused = await elsewhere(
      { STRIDE_TLS_CA_FILE: caFile, STRIDE_DATABASE_URL: databaseUrl, ...tokenOf("read") },
      "worker",
    );
    expect(refused.stderr).toContain("needs the role work, and the token of some read has the role read");
    expect(refused.code).toBe(2);
    const submitted = await elsewhere({ STRIDE_TLS_CA_FILE: caFile, ...tokenOf("submit") }, "submit", "sweep.yaml");
    expect(submitted).toMatchObject({ code: 0 });
    const host = closing.at(-1) as StrideHome;
    const worker = host.start("worker");
    await until(async () => {
      const { stdout } = await elsewhere(
        { STRIDE_TLS_CA_FILE: caFile, ...tokenOf("read") },
        "status",
        "guarded",
        "--json",
      );
      return /"unfinishedCohorts":\s*0/.test(stdout);
    });
    expect(worker.said()).not.toContain("warn");
    await worker.kill("SIGTERM");
  });

  it("takes up replaced tokens, and keeps them while the file is broken", async () => {
    const later = await fresh("later", "read");
    const read = (token: string) => elsewhere({ STRIDE_TLS_CA_FILE: caFile, STRIDE_TOKEN: token }, "status");
    await replace("tokens.yaml", tokensText([later.entry]));
    await up.says("STRIDE_TOKENS_FILE was read again: 1 tokens");
    expect((await read(later.token)).code).toBe(0);
    expect((await read(tokens.admin?.token ?? "")).code).toBe(2);
    await replace("tokens.yaml", "tokens: [{ name: x, role: boss, sha256: no }]");
    await up.says(/tokens\[0\]\.role must be one of read, submit, work, admin, got "boss".*stay in force/);
    expect((await read(later.token)).code).toBe(0);
  });

  it("takes up a replaced certificate, and keeps it while the files do not fit each other", async () => {
    const next = await theirs.issue();
    const newCa = await replace("new-ca.pem", theirs.cert);
    const local = { STRIDE_TOKEN: tokens.read?.token ?? "" };
    await replace("cert.pem", next.cert);
    await up.says(/key\.pem is not the key of the certificate in .*stays in use/);
    expect((await elsewhere({ ...local, STRIDE_TLS_CA_FILE: caFile }, "status")).stderr).toContain("refused the token");
    await replace("key.pem", next.key);
    await up.says("STRIDE_TLS_CERT_FILE was read again");
    expect((await elsewhere({ ...local, STRIDE_TLS_CA_FILE: caFile }, "status")).stderr).toContain("CN=theirs");
    expect((await elsewhere({ ...local, STRIDE_TLS_CA_FILE: newCa }, "status")).stderr).toContain("refused the token");
  });
});

describe("what a coordinator refuses to start with", () => {
  it.each([
    {
      what: "other machines and no token",
      variables: { STRIDE_LISTEN: "0.0.0.0:0" },
      says: "lets other machines in: set STRIDE_TOKEN or STRIDE_TOKENS_FILE",
    },
    {
      what: "a key without a certificate",
      variables: { STRIDE_TLS_KEY_FILE: "key.pem" },
      says: "STRIDE_TLS_KEY_FILE is set, and STRIDE_TLS_CERT_FILE is not: a certificate and its key go together",
    },
    {
      what: "an authority for clients alone",
      variables: { STRIDE_TLS_CLIENT_CA_FILE: "cert.pem" },
      says: "STRIDE_TLS_CLIENT_CA_FILE needs STRIDE_TLS_CERT_FILE and STRIDE_TLS_KEY_FILE",
    },
    {
      what: "a key of another certificate",
      variables: { STRIDE_TLS_CERT_FILE: "cert.pem", STRIDE_TLS_KEY_FILE: "other.pem" },
      says: "other.pem is not the key of the certificate in ",
    },
    {
      what: "key and certificate exchanged",
      variables: { STRIDE_TLS_CERT_FILE: "key.pem", STRIDE_TLS_KEY_FILE: "cert.pem" },
      says: "holds no certificate in PEM (-----BEGIN CERTIFICATE-----), but a private key",
    },
    {
      what: "a damaged certificate",
      variables: { STRIDE_TLS_CERT_FILE: "damaged.pem", STRIDE_TLS_KEY_FILE: "key.pem" },
      says: "damaged.pem is damaged: its certificate number 1 cannot be read",
    },
    {
      what: "a folder as key",
      variables: { STRIDE_TLS_CERT_FILE: "cert.pem", STRIDE_TLS_KEY_FILE: "." },
      says: "cannot be read: it is a folder",
    },
    {
      what: "a tokens file with the token itself in it",
      variables: { STRIDE_TOKENS_FILE: "plain.yaml" },
      says: "tokens[0].sha256 must be the SHA-256 of the token, 64 hex digits (stride token new prints one), got something else",
    },
    {
      what: "a rate that is none",
      variables: { STRIDE_RATE_LIMIT: "-1" },
      says: "STRIDE_RATE_LIMIT must be a number of",
    },
  ])("is $what", async ({ variables, says }) => {
    const given: Readonly<Record<string, string>> = variables as Record<string, string>;
    await using stride = await strideHome(given);
    const [one, other] = [await ours.issue(), await ours.issue()];
    await stride.write("cert.pem", one.cert);
    await stride.write("key.pem", one.key);
    await stride.write("other.pem", other.key);
    await stride.write("damaged.pem", one.cert.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA"));
    await stride.write("plain.yaml", "tokens: [{ name: x, role: read, sha256: hunter2 }]");
    const ended = await stride.run("up");
    expect(ended.stderr).toContain(says);
    expect(ended.stderr).not.toContain("hunter2");
    expect(ended).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("what a coordinator warns of", () => {
  it("is a key that all may read, a certificate that ends soon, and plain text that others reach", async () => {
    await using database = await freshDatabase();
    const soon = await ours.issue({ validTo: new Date(Date.now() + 86_400_000) });
    const base = { STRIDE_DATABASE_URL: database.url, STRIDE_TOKEN: "hunter2" };
    await using secure = await strideHome({
      ...base,
      STRIDE_TLS_CERT_FILE: "cert.pem",
      STRIDE_TLS_KEY_FILE: "key.pem",
    });
    await secure.write("cert.pem", soon.cert);
    await chmod(await secure.write("key.pem", soon.key), 0o644);
    const first = secure.start("up", "--listen", "127.0.0.1:0");
    await first.says("coordinator on");
    expect(first.said()).toMatch(/STRIDE_TLS_KEY_FILE: \S+key\.pem is readable by every user of this machine/);
    expect(first.said()).toMatch(/STRIDE_TLS_CERT_FILE: \S+cert\.pem expires at /);
    await first.kill("SIGTERM");
    await using open = await strideHome(base);
    const second = open.start("up", "--listen", "0.0.0.0:0");
    await second.says("coordinator on");
    expect(second.said()).toContain("0.0.0.0:0 is reached by other machines in plain text");
    expect(second.said()).not.toContain("hunter2");
    await second.kill("SIGTERM");
  });
});

describe("a client's token in a file", () => {
  it("is taken from there, with a warning when all may read it, and its faults are named without it", async () => {
    await using stride = await strideHome({ STRIDE_COORDINATOR: "127.0.0.1:1", STRIDE_TOKEN_FILE: "token" });
    await writeFile(`${stride.folder}/token`, "hunter2 hunter3\n", { mode: 0o644 });
    const ended = await stride.run("status");
    expect(ended.stderr).toMatch(/warning: STRIDE_TOKEN_FILE: \S+token is readable by every user/);
    expect(ended.stderr).toContain("must hold one token: a line of 1 to 1024 visible ASCII characters");
    expect(ended.stderr).not.toContain("hunter");
    expect(ended.code).toBe(2);
  });
});
