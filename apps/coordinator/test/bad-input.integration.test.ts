import { existsSync } from "node:fs";
import { join } from "node:path";
import { freshDatabase } from "@stride/embedded-postgres/testing";
import { freePort } from "@stride/queue/testing";
import { describe, expect, it } from "vitest";
import { strideHome } from "./stride.js";

const good = `study: bad
tasks: [{ kind: quadratic }]
schedules: [{ kind: constant }, { kind: cosine }]
learningRates: [0.1]
seeds: { tuning: 1, report: 1 }
steps: 10
`;

describe("a sweep file that cannot be planned", () => {
  it.each([
    {
      what: "an unknown key",
      text: `${good}colour: red\n`,
      says: "sweep.yaml:7:1 colour is no key here: allowed are study,",
    },
    {
      what: "a wrong type",
      text: good.replace("10", "ten"),
      says: 'sweep.yaml:6:8 steps must be a whole number from 1 to 10000000, got "ten"',
    },
    {
      what: "a negative rate",
      text: good.replace("0.1", "-0.1"),
      says: "sweep.yaml:4:17 learningRates[0] must be a number above 0",
    },
    {
      what: "an empty grid",
      text: good.replace("[0.1]", "[]"),
      says: "sweep.yaml:4:16 learningRates must be a list of 1 to 10000 entries",
    },
    {
      what: "an absurd size",
      text: good.replace("report: 1", "report: 99999999"),
      says: "sweep.yaml:5:29 seeds.report must be a whole number from 1 to 100000",
    },
    {
      what: "a name with a path in it",
      text: good.replace("bad", "../../etc"),
      says: "sweep.yaml:1:8 study must be a name",
    },
    { what: "no YAML", text: "study: [", says: "sweep.yaml:1:" },
  ])("with $what is refused with its place by plan, run and submit, and nothing is made", async ({ text, says }) => {
    await using stride = await strideHome();
    await stride.write("sweep.yaml", text);
    for (const command of ["plan", "run", "submit"]) {
      const ended = await stride.run(command, "sweep.yaml");
      expect(ended.stderr).toContain(`stride: ${says}`);
      expect(ended).toMatchObject({ code: 2, stdout: "" });
    }
    expect(existsSync(join(stride.folder, ".stride"))).toBe(false);
  });
});

describe("arguments that cannot be", () => {
  it.each([
    { args: ["run", "nothing.yaml"], code: 2, says: "cannot read nothing.yaml: there is no such file" },
    { args: ["run", "/"], code: 2, says: "cannot read /: it is a folder" },
    { args: ["run"], code: 2, says: "missing required argument 'sweep'" },
    { args: ["runn"], code: 2, says: "Did you mean run?" },
    { args: ["run", "sweep.yaml", "--workers", "0"], code: 2, says: 'a whole number from 1 to 256, got "0"' },
    { args: ["run", "sweep.yaml", "--executor", "abacus"], code: 2, says: "Allowed choices are onnx-cpu" },
    { args: ["schedule", "show", "nope"], code: 2, says: 'there is no schedule "nope"; there are constant' },
    {
      args: ["schedule", "trace", "--schedule", "{ kind: nope }", "--learning-rate", "1", "--steps", "3"],
      code: 2,
      says: "Expected 'constant'",
    },
    {
      args: ["schedule", "trace", "--schedule", "{ kind: cosine }", "--learning-rate", "-1", "--steps", "3"],
      code: 2,
      says: "a number above 0",
    },
    { args: ["retry", "nope"], code: 2, says: "stride retry STUDY --failed" },
    { args: ["status", "nope"], code: 3, says: "there is no database in" },
    { args: ["worker"], code: 3, says: "no coordinator: start `stride up`" },
  ])("stride $args: exit code $code", async ({ args, code, says }) => {
    await using stride = await strideHome();
    const ended = await stride.run(...args);
    expect(ended.stderr).toContain(says);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(existsSync(join(stride.folder, ".stride"))).toBe(false);
  });
});

describe("services that cannot be had", () => {
  it.each([
    {
      variables: { STRIDE_DATABASE_URL: "postgres://u:s3cret@127.0.0.1:1/x" },
      code: 3,
      says: "cannot use Postgres at 127.0.0.1:1/x",
    },
    {
      variables: { STRIDE_DATABASE_URL: "mysql://u:s3cret@127.0.0.1/x" },
      code: 2,
      says: "STRIDE_DATABASE_URL must start with postgres://",
    },
    { variables: { STRIDE_COORDINATOR: "nowhere" }, code: 2, says: "STRIDE_COORDINATOR must be host:port" },
    {
      variables: { STRIDE_COORDINATOR: "127.0.0.1:1", STRIDE_TOKEN: "s3cret" },
      code: 3,
      says: "cannot reach the coordinator at 127.0.0.1:1",
    },
  ])("$variables: exit code $code, and no secret shows", async ({ variables, code, says }) => {
    await using stride = await strideHome(variables as Readonly<Record<string, string>>);
    const ended = await stride.run("status");
    expect(ended.stderr).toContain(says);
    expect(ended.stderr).not.toContain("s3cret");
    expect(ended.code).toBe(code);
  });

  it("a Redis that is not there stops a run before the study is stored", async () => {
    await using database = await freshDatabase();
    const variables = { STRIDE_DATABASE_URL: database.url };
    await using stride = await strideHome({ ...variables, STRIDE_REDIS_URL: "redis://:s3cret@127.0.0.1:1" });
    const ended = await stride.run("run", await stride.write("sweep.yaml", good));
    expect(ended).toMatchObject({ code: 3, stdout: "" });
    expect(ended.stderr).toContain("the queue at 127.0.0.1:1 does not answer");
    expect(ended.stderr).not.toContain("s3cret");
    await using other = await strideHome(variables);
    expect(await other.json("status", "--json")).toEqual([]);
  });

  it("a study that is not there is bad input, from the database and through a coordinator", async () => {
    await using database = await freshDatabase();
    await using stride = await strideHome({ STRIDE_DATABASE_URL: database.url });
    const port = await freePort();
    const up = stride.start("up", "--listen", `127.0.0.1:${port}`);
    await up.says("coordinator on");
    const answers = [];
    for (const args of [["results", "win-rate"], ["results", "trials"], ["results", "curves"], ["status"], ["pause"]]) {
      answers.push(await stride.run(...args, "nope"));
    }
    expect(answers.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
    for (const { stderr } of answers) expect(stderr).toBe('stride: there is no study named "nope"\n');
    const taken = await stride.run("up", "--listen", `127.0.0.1:${port}`);
    expect(taken).toMatchObject({ code: 2 });
    expect(taken.stderr).toContain(`127.0.0.1:${port} is already in use`);
    await using stranger = await strideHome({ STRIDE_COORDINATOR: `127.0.0.1:${port}`, STRIDE_TOKEN: "wr0ng-token" });
    const refused = await stranger.run("status");
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain("refused the token");
    expect(refused.stderr).not.toContain("wr0ng-token");
  });

  it("listening beyond loopback needs a token", async () => {
    await using stride = await strideHome();
    const ended = await stride.run("up", "--listen", "0.0.0.0:0");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("STRIDE_TOKEN");
    expect(existsSync(join(stride.folder, ".stride"))).toBe(false);
  });
});
