import { freshDatabase } from "@stride/embedded-postgres/testing";
import { InvalidArgument } from "@stride/experiment";
import { openTrialQueue } from "@stride/queue";
import { openResultStore } from "@stride/results";
import { createLaboratoryClient, soleAuthority } from "@stride/rpc";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { StrideLaboratory } from "../src/connection.js";
import { startCoordinator } from "../src/server.js";

// The command line refuses these before they are sent. Here they are sent all the same, as a stranger's client would.

const good = `study: hostile
tasks: [{ kind: quadratic }]
schedules: [{ kind: constant }]
learningRates: [0.1]
seeds: { tuning: 0, report: 1 }
steps: 10
`;
const list = (length: number, entry: (index: number) => string) => `[${Array.from({ length }, (_, i) => entry(i))}]`;
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const bomb = Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join("\n");
const policy = "schedules: [{ name: p, kind: policy, policy: ./a.json }]";
const withPolicy = good.replace("schedules: [{ kind: constant }]", policy);
const task = good.replace("{ kind: quadratic }", "{ kind: module, path: ./a.mjs }");
const cost = { parameters: 1, flopsPerStep: 1, bytesPerStep: 1, evaluationFlops: 1 };

const closing: AsyncDisposable[] = [];
let laboratory: StrideLaboratory;
let errors: Error[] = [];

beforeAll(async () => {
  const database = await freshDatabase();
  const store = await openResultStore({ url: database.url });
  const queue = await openTrialQueue({ url: database.url, leaseMs: 30_000 });
  const coordinator = await startCoordinator({
    store,
    queue,
    listen: "127.0.0.1:0",
    authority: soleAuthority("t"),
    allowModules: true,
    leaseMs: 30_000,
    onError: (error) => errors.push(error),
  });
  const client = createLaboratoryClient({ address: coordinator.address, token: "t", retry: { limitMs: 0 } });
  laboratory = client;
  closing.push(client, coordinator, queue, store, database);
});
afterAll(async () => {
  for (const each of closing) await each[Symbol.asyncDispose]();
});

it.each([
  { what: "a bomb of aliases", source: () => `a0: &a0 [x]\n${bomb}\n`, says: /the alias \*a0 must be written out/ },
  { what: "brackets without end", source: () => nested(50_000), says: /nested deeper than 64 levels/ },
  {
    what: "a flow nested a little too deep",
    source: () => `study: ${nested(70)}`,
    says: /nested deeper than 64 levels/,
  },
  {
    what: "a huge file",
    source: () => `${good}# ${"x".repeat(1_000_000)}`,
    says: /must not exceed 1000000 characters/,
  },
  { what: "two million characters", source: () => "x".repeat(2_000_000), says: /must not exceed 1000000 characters/ },
  { what: "a NUL", source: () => `${good}# \0`, says: /the control character U\+0000 stands here/ },
  {
    what: "a mapping without end",
    source: () =>
      list(2_000, (i) => `k${i}: 1`)
        .slice(1, -1)
        .replaceAll(",", "\n"),
    says: /more than 1000 keys/,
  },
  {
    what: "a million seeds",
    source: () => good.replace("report: 1", "report: 1000000"),
    says: /seeds\.report must be/,
  },
  {
    what: "a grid of eighty million combinations",
    source: () =>
      good
        .replace(
          "[{ kind: quadratic }]",
          list(9_000, (i) => `{ kind: quadratic, dimension: ${i + 1} }`),
        )
        .replace("steps:", `optimizers: ${list(9_000, (i) => `{ kind: sgd, momentum: 0.${10_000 + i} }`)}\nsteps:`),
    says: /at most 200000 combinations, got 81000000/,
  },
  {
    what: "a grid of half a billion trials",
    source: () =>
      good
        .replace(
          "[0.1]",
          list(5_000, (i) => `${(i + 1) / 1e4}`),
        )
        .replace("report: 1", "report: 100000"),
    says: /at most 200000 trials, got 500000000/,
  },
  {
    what: "steps without end",
    source: () => good.replace("steps: 10", "steps: 1e300"),
    says: /steps must be a whole number/,
  },
  { what: "keys of prototypes", source: () => `${good}__proto__: { polluted: 1 }\n`, says: /__proto__ is no key here/ },
  { what: "a prototype as kind", source: () => good.replace("constant", "constructor"), says: /kind must be one of/ },
  {
    what: "a prototype as a task's option",
    source: () => good.replace("quadratic }", "quadratic, toString: 1 }"),
    says: /toString is no key here/,
  },
  {
    what: "a name with a path",
    source: () => good.replace("study: hostile", "study: ../../x"),
    says: /study must be a name/,
  },
  {
    what: "a module whose text is not there",
    source: () => task,
    says: /the text of the module \.\/a\.mjs was not given/,
  },
  {
    what: "a module with a NUL",
    source: () => task,
    sources: () => ({ "./a.mjs": "export default 0\0" }),
    says: /the file contains a NUL character/,
  },
  {
    what: "a huge module",
    source: () => task,
    sources: () => ({ "./a.mjs": " ".repeat(300_000) }),
    says: /at most 262144 bytes/,
  },
  {
    what: "modules that weigh too much together",
    source: () => task,
    sources: () => Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`./${i}.mjs`, " ".repeat(250_000)])),
    says: /at most 2097152 bytes together/,
  },
  {
    what: "a policy that is none",
    source: () => withPolicy,
    sources: () => ({ "./a.json": "{}" }),
    says: /\.\/a\.json is no policy/,
  },
  {
    what: "a policy nested without end",
    source: () => withPolicy,
    sources: () => ({ "./a.json": nested(100_000) }),
    says: /\.\/a\.json is no policy/,
  },
])(
  "$what is refused as bad input over gRPC, nothing is stored, and the coordinator goes on",
  async ({ source, sources, says }) => {
    errors = [];
    const modules = { sources: sources?.() ?? {}, costs: sources === undefined ? {} : { 0: cost } };
    const failure = await laboratory
      .submit({ source: source(), file: "x.yaml", modules })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidArgument);
    expect(String(failure)).toMatch(says);
    expect(errors).toEqual([]);
    expect(await laboratory.studies()).toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  },
);
