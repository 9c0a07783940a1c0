import { freshDatabase } from "@stride/embedded-postgres/testing";
import { freePort, noRedis, startRedis } from "@stride/queue/testing";
import { Pool } from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { below, type Running, strideHome, until } from "./stride.js";

/** Four iterations of three batches of four episodes; versions 0 and 4 live two more each. */
const sweepOf = ({ algorithm, steps }: { readonly algorithm: string; readonly steps: number }) => `study: agents
agent:
  algorithm: ${algorithm}
  iterations: 4
  episodes: { batches: 3, each: 4 }
  validate: { every: 4, each: 2 }
  decide: { every: 5 }
family:
  task:
    kind: quadratic
    dimension: { from: 4, to: 12, whole: true }
    conditionNumber: { from: 5, to: 50, scale: log }
  initialRate: { from: 0.001, to: 0.1 }
  train: 2
  validation: 1
  test: 1
optimizer: { kind: sgd, momentum: 0 }
steps: ${steps}
`;
const episodesPlanned = 4 * 3 * 4 + 2 * 2;
/** Its batches and its updates take some tenths of a second each: long enough to be hit. */
const ppo = sweepOf({ algorithm: "{ kind: ppo, epochs: 20 }", steps: 800 });
const doubleDqn = sweepOf({
  algorithm: "{ kind: double-dqn, updates: 40, minibatch: 64, replay: 3, target: 2 }",
  steps: 400,
});

type Kind = "episodes" | "update";
type Rows = readonly Readonly<Record<string, unknown>>[];

/** Everything a study found, and how: all versions and episodes but for the seconds they took, and the attempts at its work. */
interface Found {
  readonly versions: Rows;
  readonly episodes: Rows;
  readonly attempts: readonly { readonly kind: Kind; readonly worker: string; readonly ending: string | null }[];
}

interface Records extends AsyncDisposable {
  found(study?: string): Promise<Found>;
  /** Kinds of the work that is being done. */
  atWork(): Promise<readonly Kind[]>;
  /** Kinds of the work at which an attempt failed. */
  failed(): Promise<readonly Kind[]>;
  /** Batches and updates that are done. */
  finished(): Promise<number>;
  /** Seconds of the longest time in which nobody was at work, between two attempts. */
  longestIdle(): Promise<number>;
}

function recordsOf(url: string): Records {
  const pool = new Pool({ connectionString: url, max: 2 });
  pool.on("error", () => undefined); // The database goes before the pool does.
  const rows = async <Row>(text: string, values: readonly unknown[] = []) =>
    (await pool.query(text, [...values])).rows as Row[];
  const kindsOf = async (condition: string) => {
    const text = `select c.kind from stride.attempts a join stride.cohorts c using (cohort_key) where ${condition}`;
    return (await rows<{ readonly kind: Kind }>(text)).map(({ kind }) => kind);
  };
  return {
    async found(study = "agents") {
      const versions = await rows<Rows[number]>(
        `select p.name, p.version, p.parent, p.algorithm, p.sha256, p.statistics - 'seconds' as statistics
         from stride.policies p join stride.studies s using (study_key) where s.name = $1 order by p.version`,
        [study],
      );
      const episodes = await rows<Rows[number]>(
        `select e.iteration, e.position, e.episode_index, e.purpose, e.task, e.seed, e.learning_rate, e.return, e.entropy, e.diverged,
           e.decisions, e.steps, e.final_evaluation_loss, e.forward_passes, e.backward_passes, md5(e.trajectory) as trajectory
         from stride.episodes e join stride.studies s using (study_key) where s.name = $1
         order by e.iteration, e.position, e.episode_index`,
        [study],
      );
      const attempts = await rows<Found["attempts"][number]>(
        `select c.kind, a.worker_id as worker, a.ending
         from stride.attempts a join stride.cohorts c using (cohort_key) join stride.studies s using (study_key)
         where s.name = $1 order by a.started_at`,
        [study],
      );
      return { versions, episodes, attempts };
    },
    atWork: () => kindsOf("a.ending is null"),
    failed: () => kindsOf("a.ending = 'failed'"),
    async finished() {
      const [count] = await rows<{ readonly done: number }>(
        "select count(*)::int as done from stride.cohorts where state = 'finished'",
      );
      return count?.done ?? 0;
    },
    async longestIdle() {
      const [idle] = await rows<{ readonly seconds: number }>(
        `select max(extract(epoch from started_at - last_end))::float8 as seconds
         from (select started_at, max(ended_at) over (order by started_at rows between unbounded preceding and 1 preceding) as last_end
           from stride.attempts) a`,
      );
      return idle?.seconds ?? 0;
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

/** Runs a study to its end in an installation of its own, which nothing disturbs. */
async function undisturbed(sweep: string, workers: number): Promise<Found> {
  await using database = await freshDatabase();
  await using stride = await strideHome({ STRIDE_DATABASE_URL: database.url });
  await using records = recordsOf(database.url);
  const run = await stride.run("run", await stride.write("sweep.yaml", sweep), "--workers", String(workers));
  expect(run).toMatchObject({ code: 0 });
  return await records.found();
}

/** Versions and episodes are there once, and are those of a run that nothing disturbed. */
function expectSame(actual: Found, expected: Found): void {
  expect(actual.versions.map(({ version }) => version)).toEqual([0, 1, 2, 3, 4]);
  expect(actual.episodes).toHaveLength(episodesPlanned);
  expect(actual.versions).toEqual(expected.versions);
  expect(actual.episodes).toEqual(expected.episodes);
}

/** `kill -9` of the processes below these commands whose command line holds this. */
function killBelow(running: readonly Running[], commandLine: string): void {
  for (const pid of running.flatMap(({ process: { pid } }) => below(pid, commandLine))) process.kill(pid, "SIGKILL");
}

/** `kill -9` of what trains below these commands, in the middle of work of this kind: again until it was hit. */
async function killAtWork(workers: readonly Running[], records: Records, kind: Kind): Promise<void> {
  await until(async () => {
    if ((await records.atWork()).includes(kind)) killBelow(workers, "dist/child.js");
    return (await records.failed()).includes(kind);
  });
}

/** Resolves in the middle of work of this kind, once something more than at the call is done. */
async function reaches(records: Records, kind: Kind): Promise<void> {
  const before = await records.finished();
  await until(async () => (await records.finished()) > before && (await records.atWork()).includes(kind));
}

describe("an agent's study", () => {
  let expected: Found;
  beforeAll(async () => {
    expected = await undisturbed(ppo, 1);
    expect(expected.attempts.every(({ ending }) => ending === "finished")).toBe(true);
  }, 120_000);

  it.each([
    { agent: "PPO", sweep: ppo, onOne: () => expected },
    { agent: "double DQN that remembers", sweep: doubleDqn, onOne: () => undisturbed(doubleDqn, 1) },
  ])(
    "of $agent learns the same on one worker and on two",
    async ({ sweep, onOne }) => {
      const [one, two] = await Promise.all([onOne(), undisturbed(sweep, 2)]);
      const workersOf = ({ attempts }: Found) => new Set(attempts.map(({ worker }) => worker)).size;
      expect([workersOf(one), workersOf(two)]).toEqual([1, 2]);
      expectSame(two, one);
      // It did learn: no two versions are the same, and it lived differently under each.
      expect(new Set(one.versions.map(({ sha256 }) => sha256)).size).toBe(5);
      expect(new Set(one.episodes.map((episode) => episode.return)).size).toBeGreaterThan(episodesPlanned / 2);
    },
    120_000,
  );

  it.skipIf(noRedis !== undefined)(
    `loses no version and no episode, and repeats none, whatever dies ${noRedis ?? ""}`,
    async () => {
      await using database = await freshDatabase();
      await using redis = await startRedis();
      const port = await freePort();
      await using stride = await strideHome({
        STRIDE_DATABASE_URL: database.url,
        STRIDE_REDIS_URL: redis.url,
        STRIDE_LEASE_MS: "2000",
        STRIDE_TOKEN: "shared-by-all-restarts",
      });
      await using records = recordsOf(database.url);
      const startUp = async () => {
        const up = stride.start("up", "--listen", `127.0.0.1:${port}`);
        await up.says("coordinator on");
        return up;
      };
      const startWorker = async () => {
        const worker = stride.start("worker");
        await worker.says("worker ready");
        return worker;
      };

      let up = await startUp();
      const [first, second] = await Promise.all([startWorker(), startWorker()]);
      await stride.run("submit", await stride.write("sweep.yaml", ppo));

      await until(async () => (await records.atWork()).includes("episodes"));
      killBelow([first], "dist/main.js"); // A worker, and with it its lock and its heartbeat.
      const third = await startWorker();
      await killAtWork([second, third], records, "episodes"); // What lives, in the middle of a batch.
      await killAtWork([second, third], records, "update"); // What learns.
      await reaches(records, "episodes");
      await up.kill("SIGKILL"); // The coordinator: workers wait for the next one.
      up = await startUp();
      await reaches(records, "episodes");
      await redis.run("FLUSHALL"); // Delivery forgets everything.
      await reaches(records, "update");
      await redis.kill();
      await redis.restart();

      expect(await stride.run("watch", "agents")).toMatchObject({ code: 0 });
      const actual = await records.found();
      expectSame(actual, expected);
      // Nothing waited for the longest pause between two deliveries, a minute.
      expect(await records.longestIdle()).toBeLessThan(30);
      expect(await stride.run("submit", "sweep.yaml")).toMatchObject({
        stderr: expect.stringContaining("known already"),
      });
    },
    180_000,
  );

  it("goes on where Ctrl-C stopped it when the command is given again", async () => {
    await using database = await freshDatabase();
    await using stride = await strideHome({ STRIDE_DATABASE_URL: database.url });
    await using records = recordsOf(database.url);
    const file = await stride.write("sweep.yaml", ppo);
    const run = stride.start("run", file, "--workers", "2");
    await run.says("study agents");
    await reaches(records, "update");
    await run.kill("SIGINT");
    expect(run.process.exitCode).toBe(130);
    expect(run.said()).toContain("nothing is lost: run the same command to go on with agents");
    const left = await records.found();
    expect(left.episodes.length).toBeLessThan(episodesPlanned);
    expect(await stride.run("run", file, "--workers", "2")).toMatchObject({ code: 0 });
    const actual = await records.found();
    expectSame(actual, expected);
    // With both workers, though no more than an update may have been left of its iteration.
    expect(new Set(actual.attempts.slice(left.attempts.length).map(({ worker }) => worker)).size).toBe(2);
  }, 120_000);

  it("loses nothing to pauses, and ends when it is cancelled", async () => {
    await using database = await freshDatabase();
    await using stride = await strideHome({ STRIDE_DATABASE_URL: database.url, STRIDE_LEASE_MS: "2000" });
    await using records = recordsOf(database.url);
    const up = stride.start("up", "--listen", "127.0.0.1:0");
    await up.says("coordinator on");
    await stride.start("worker", "--slots", "2").says("worker ready");
    await stride.run("submit", await stride.write("sweep.yaml", ppo));
    for (const kind of ["episodes", "update"] as const) {
      await reaches(records, kind);
      await stride.run("pause", "agents");
      await until(async () => (await records.atWork()).length === 0);
      const paused = await records.finished();
      expect(await stride.json("status", "agents", "--json")).toMatchObject({
        state: "paused",
        trials: { running: 0 },
      });
      expect(await records.finished()).toBe(paused);
      await stride.run("resume", "agents");
    }
    expect(await stride.run("watch", "agents")).toMatchObject({ code: 0 });
    expectSame(await records.found(), expected);

    const other = ppo.replace("study: agents", "study: given-up");
    await stride.run("submit", await stride.write("other.yaml", other));
    await reaches(records, "update");
    await stride.run("cancel", "given-up");
    expect(await stride.run("watch", "given-up")).toMatchObject({ code: 0 });
    await until(async () => (await records.atWork()).length === 0);
    expect(await stride.json("status", "given-up", "--json")).toMatchObject({
      state: "cancelled",
      unfinishedCohorts: 0,
      trials: { planned: 0, running: 0 },
    });
    const { versions, episodes } = await records.found("given-up");
    const withoutNames = (rows: Rows) => rows.map(({ name: _, ...row }) => row);
    expect(versions.length).toBeLessThan(5);
    expect(withoutNames(versions)).toEqual(withoutNames(expected.versions).slice(0, versions.length));
    const placeOf = (row: Rows[number]) => `${row.iteration}.${row.position}.${row.episode_index}`;
    const byPlace = new Map(expected.episodes.map((episode) => [placeOf(episode), episode]));
    expect(episodes).toEqual(episodes.map((episode) => byPlace.get(placeOf(episode))));
  }, 180_000);
});
