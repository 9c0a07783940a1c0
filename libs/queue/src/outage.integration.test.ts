import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@stride/embedded-postgres";
import { describe, expect, it, vi } from "vitest";
import { quick } from "../test/backends.js";
import { cohort } from "../test/cohorts.js";
import { inbox } from "../test/inbox.js";
import { createPostgresTrialQueue, createRedisTrialQueue, openTrialQueue, QueueUnavailable } from "./index.js";
import { freePort, noRedis, startRedis } from "./testing.js";

const secret = "s3cret/&+:word";

describe.skipIf(noRedis !== undefined)(`Redis outages${noRedis ? ` (skipped: ${noRedis})` : ""}`, () => {
  it("consumers go on after Redis was killed and restarted, and what waited is delivered", async () => {
    await using redis = await startRedis();
    await using queue = await createRedisTrialQueue({ url: redis.url, ...quick });
    const box = inbox();
    const errors: string[] = [];
    await queue.add([cohort("early")]);
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError: (e) => errors.push(e.message) });
    await box.received(1);
    await redis.kill();
    await expect(queue.add([cohort("refused")])).rejects.toThrow(QueueUnavailable);
    await vi.waitFor(() => expect(errors.join()).toContain("ECONNREFUSED"), { timeout: 20_000 });
    await redis.restart();
    await vi.waitFor(() => queue.add([cohort("late")]), { timeout: 20_000 });
    await vi.waitFor(() => expect(box.ids).toContain("late"), { timeout: 30_000 });
    expect(box.ids.filter((id) => id === "early")).toHaveLength(1);
  });

  it("cohorts that wait survive the kill of Redis", async () => {
    await using redis = await startRedis();
    await using queue = await createRedisTrialQueue({ url: redis.url, ...quick });
    await queue.add([cohort("kept")]);
    await redis.kill();
    await redis.restart();
    await vi.waitFor(async () => expect((await queue.present(["kept"])).size).toBe(1), { timeout: 20_000 });
  });

  it("consumers that wait are served after FLUSHALL", async () => {
    await using redis = await startRedis();
    await using queue = await createRedisTrialQueue({ url: redis.url, ...quick });
    const box = inbox();
    const ignore = () => undefined;
    await using _ = await queue.consume({ slots: 2, handle: box.handle, onError: ignore });
    await queue.add([cohort("before")]);
    await box.received(1);
    await redis.run("FLUSHALL");
    expect((await queue.present(["before"])).size).toBe(0);
    await queue.add([cohort("after")]);
    await box.received(2);
    expect(box.ids).toEqual(["before", "after"]);
  });

  it("a cohort in hand during FLUSHALL is finished, and may be delivered again", async () => {
    await using redis = await startRedis();
    await using queue = await createRedisTrialQueue({ url: redis.url, ...quick });
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const box = inbox(() => finished);
    const errors: string[] = [];
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError: (e) => errors.push(e.message) });
    await queue.add([cohort("held")]);
    await box.received(1);
    await redis.run("FLUSHALL");
    finish();
    await vi.waitFor(() => expect(errors.join()).toContain("Missing"), { timeout: 20_000 });
    await queue.add([cohort("held")]);
    await box.received(2);
    expect(box.ids).toEqual(["held", "held"]);
  });

  it("dispose ends although Redis is gone", async () => {
    await using redis = await startRedis();
    const queue = await createRedisTrialQueue({ url: redis.url, ...quick });
    const box = inbox();
    await queue.consume({ slots: 1, handle: box.handle, onError: () => undefined });
    await queue.add([cohort("early")]);
    await box.received(1);
    await redis.kill();
    await queue[Symbol.asyncDispose]();
  });

  it("a Redis that drops keys is refused, with what to change", async () => {
    await using redis = await startRedis({ policy: "allkeys-lru" });
    await expect(createRedisTrialQueue({ url: redis.url })).rejects.toThrow(
      /drops keys when its memory is full \(maxmemory-policy allkeys-lru\): set maxmemory-policy to noeviction/,
    );
  });

  it("a wrong password is told without the password, in every field of the error", async () => {
    await using redis = await startRedis({ password: "right" });
    const url = redis.url.replace("right", encodeURIComponent(secret));
    const error: unknown = await createRedisTrialQueue({ url }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QueueUnavailable);
    expect(String(error)).toMatch(/the queue at 127\.0\.0\.1:\d+ does not answer: .*WRONGPASS/);
    expectNoSecret(error);
  });
});

describe("a Postgres outage", () => {
  it("consumers go on after Postgres was killed and restarted, and nothing that waited is lost", async () => {
    const directory = await mkdtemp(join(tmpdir(), "stride-queue-test-"));
    await chmod(directory, 0o711); // As root the server runs under another account.
    try {
      const first = await startEmbeddedPostgres({ directory });
      await using queue = await createPostgresTrialQueue({ url: first.url, ...quick });
      const box = inbox();
      const errors: string[] = [];
      const consumer = await queue.consume({
        ...{ slots: 1, handle: box.handle },
        onError: (error) => errors.push(error.message),
      });
      await queue.add([cohort("early")]);
      await box.received(1);
      const pidFile = join(directory, "cluster/data/postmaster.pid");
      process.kill(Number((await readFile(pidFile, "utf8")).split("\n")[0]), "SIGKILL");
      await vi.waitFor(() => expect(queue.add([cohort("refused")])).rejects.toThrow(QueueUnavailable));
      await using second = await startEmbeddedPostgres({ directory });
      expect(second.url).toBe(first.url);
      await vi.waitFor(() => queue.add([cohort("late")]), { timeout: 20_000 });
      await vi.waitFor(() => expect(box.ids).toContain("late"), { timeout: 30_000 });
      expect(box.ids.filter((id) => id === "early")).toHaveLength(1);
      await consumer[Symbol.asyncDispose]();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

const nowhere = [
  { kind: "redis", create: createRedisTrialQueue, scheme: "redis" },
  { kind: "postgres", create: createPostgresTrialQueue, scheme: "postgres" },
];

describe.each(nowhere)("a $kind that is not there", ({ create, scheme }) => {
  it("is told at once, with the place and without the password", async () => {
    const port = await freePort();
    const url = `${scheme}://user:${encodeURIComponent(secret)}@127.0.0.1:${port}/0`;
    const error: unknown = await create({ url }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QueueUnavailable);
    expect(String(error)).toContain(`the queue at 127.0.0.1:${port}/0 does not answer`);
    expect(String(error)).toContain("ECONNREFUSED");
    expectNoSecret(error);
  });

  it("a URL that is none is refused without repeating it", async () => {
    const error: unknown = await create({ url: `nonsense ${secret}` }).catch((reason: unknown) => reason);
    expect(String(error)).toContain(`must be a URL that starts with ${scheme}`);
    expectNoSecret(error);
  });
});

it("a URL of neither service is refused, with what is allowed and without the rest of it", async () => {
  const error: unknown = await openTrialQueue({ url: `amqp://user:${encodeURIComponent(secret)}@host` }).catch(
    (reason: unknown) => reason,
  );
  expect(String(error)).toMatch(/redis:\/\/ or rediss:\/\/ or postgres:\/\/ or postgresql:\/\/, got amqp:\/\/…/);
  expectNoSecret(error);
});

/** Looks into everything that a logger might print. */
function expectNoSecret(error: unknown): void {
  const seen = new Set<unknown>();
  const visit = (value: unknown): string => {
    if (typeof value !== "object" || value === null || seen.has(value)) return String(value);
    seen.add(value);
    return Object.getOwnPropertyNames(value)
      .map((name) => visit(Reflect.get(value, name)))
      .join("\n");
  };
  const text = visit(error);
  expect(text).not.toContain(secret);
  expect(text).not.toContain(encodeURIComponent(secret));
}
