import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { logTails } from "./log-tails.js";
import { knownSecrets, scrub } from "./scrub.js";
import { settingsTold } from "./settings-told.js";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
async function home(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stride-support-"));
  folders.push(folder);
  return folder;
}

describe("settings in a bundle", () => {
  it.each([
    {
      name: "STRIDE_DATABASE_URL",
      value: "postgres://me:hunter2@db:5432/stride?password=x",
      told: "postgres://db:5432/stride",
    },
    { name: "STRIDE_REDIS_URL", value: "hunter2", told: "set (not shown)" },
    { name: "STRIDE_TOKEN", value: "hunter2", told: "set (not shown)" },
    { name: "STRIDE_LEASE_MS", value: "30000", told: "30000" },
    { name: "STRIDE_LEASE_MS", value: "hunter2!", told: "set (not shown)" },
    { name: "STRIDE_COORDINATOR", value: "[::1]:50051", told: "[::1]:50051" },
    { name: "STRIDE_COORDINATOR", value: "user:hunter2@host:1", told: "set (not shown)" },
    { name: "STRIDE_LOG_FORMAT", value: "json", told: "json" },
  ])("tell $name=$value as $told", ({ name, value, told }) => {
    expect(settingsTold({ [name]: value })).toEqual({ [name]: told });
  });

  it("leave out what is not set, and what is not known", () => {
    expect(
      settingsTold({ STRIDE_TOKEN: "", AWS_SECRET_ACCESS_KEY: "hunter2", STRIDE_NEW: "hunter2", PATH: "/bin" }),
    ).toEqual({});
  });
});

describe("secrets", () => {
  it("are found in the environment, in files, and in the coordinator's own file; the longest first", async () => {
    const folder = await home();
    await mkdir(join(folder, "postgres", "cluster"), { recursive: true });
    await writeFile(join(folder, "token"), "kept-token\n");
    await writeFile(join(folder, "postgres", "cluster", "password"), "cluster-password");
    await writeFile(
      join(folder, "coordinator.json"),
      JSON.stringify({ token: "file-token", queueUrl: "redis://:queue%20secret@h" }),
    );
    await writeFile(join(folder, "mine"), "token-of-a-file\n");
    const found = await knownSecrets(folder, {
      STRIDE_TOKEN: "environment-token",
      STRIDE_TOKEN_FILE: join(folder, "mine"),
      STRIDE_DATABASE_URL: "postgres://u:database-password@h/d",
      OTEL_EXPORTER_OTLP_HEADERS: "api-key=header-secret,x=abc",
    });
    expect(new Set(found)).toEqual(
      new Set([
        ...["environment-token", "database-password", "cluster-password", "token-of-a-file", "header-secret"],
        ...["queue%20secret", "queue secret", "kept-token", "file-token"],
      ]),
    );
    expect(found.map(({ length }) => length)).toEqual(
      found.map(({ length }) => length).sort((left, right) => right - left),
    );
  });

  it.each([
    { text: "cannot use hunter2-long", scrubbed: "cannot use ***" },
    { text: "connect postgres://u:p%40ss@host:5432/d failed", scrubbed: "connect postgres://***@host:5432/d failed" },
    { text: 'header "Authorization: Bearer abc.def"', scrubbed: 'header "Authorization: Bearer ***"' },
    { text: "PGPASSWORD=xyz psql", scrubbed: "PGPASSWORD=*** psql" },
    { text: '{"api_key":"xyz"}', scrubbed: '{"api_key":"***"}' },
    { text: "out of memory at step 12", scrubbed: "out of memory at step 12" },
    { text: "a wrong token, or none", scrubbed: "a wrong token, or none" },
  ])("and what looks like one are blanked out of $text", ({ text, scrubbed }) => {
    expect(scrub(text, ["hunter2-long"])).toBe(scrubbed);
  });
});

describe("ends of logs", () => {
  it("have known fields alone, of the newest files", async () => {
    const folder = await home();
    expect(await logTails(folder)).toEqual([]);
    await mkdir(join(folder, "logs"));
    const line = {
      level: 30,
      msg: "attempt ended",
      study: "s",
      attempt: 2,
      env: { TOKEN: "hunter2" },
      stack: "hunter2",
    };
    const text = `${"x".repeat(10)}\n${JSON.stringify(line)}\nnull\nprinted by a module: hunter2\n`;
    for (let index = 0; index < 12; index += 1) {
      await writeFile(join(folder, "logs", `worker-${index}.log`), text);
      await utimes(join(folder, "logs", `worker-${index}.log`), index, index);
    }
    await writeFile(join(folder, "logs", "else.txt"), "hunter2");
    const tails = await logTails(folder);
    expect(tails.map(({ file }) => file)).toEqual(Array.from({ length: 10 }, (_, index) => `worker-${11 - index}.log`));
    expect(tails[0]).toEqual({
      file: "worker-11.log",
      lines: [{ level: 30, msg: "attempt ended", study: "s", attempt: 2 }],
      otherLines: 3,
    });
  });

  it("are no longer than they need to be", async () => {
    const folder = await home();
    await mkdir(join(folder, "logs"));
    await writeFile(
      join(folder, "logs", "long.log"),
      Array.from({ length: 500 }, (_, index) => `{"attempt":${index}}`).join("\n"),
    );
    const [tail] = await logTails(folder);
    expect(tail?.lines).toHaveLength(200);
    expect(tail?.lines.at(-1)).toEqual({ attempt: 499 });
  });
});
