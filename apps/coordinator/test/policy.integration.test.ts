import { freshDatabase } from "@stride/embedded-postgres/testing";
import { canonicalJson, moduleHash } from "@stride/experiment";
import { initialPolicy } from "@stride/schedules";
import { describe, expect, it } from "vitest";
import { type StrideHome, strideHome } from "./stride.js";

const policy = initialPolicy({
  every: 10,
  sees: { gradients: false, bound: false },
  actions: { kind: "discrete", factors: [0.5, 1, 2] },
  range: { lowest: 0.01, highest: 100 },
  hidden: [4],
  critic: true,
  seed: 1,
});
const text = canonicalJson(policy);
const sha256 = moduleHash(text);

const sweep = `study: learned
tasks: [{ kind: quadratic, dimension: 4 }]
schedules:
  - { kind: constant }
  - { name: stored, kind: policy, policy: tuner@0 }
  - { name: filed, kind: policy, policy: ./tuner.json }
learningRates: [0.1]
seeds: { tuning: 0, report: 2 }
steps: 40
`;

/** Submitted, its agent has learned nothing yet, and has made tuner@0. */
const learning = `study: learning
agent:
  policy: tuner
  iterations: 1
  episodes: { batches: 1, each: 2 }
  validate: { every: 1, each: 2 }
  decide: { every: 10, actions: { kind: discrete, factors: [0.5, 1, 2] }, range: { lowest: 0.01, highest: 100 } }
  network: { hidden: [4] }
  seed: 1
family:
  task: { kind: quadratic, dimension: { oneOf: [2, 3, 4, 5] } }
  initialRate: { from: 0.01, to: 0.1 }
  train: 1
  validation: 1
steps: 40
`;

async function withPolicy(variables: Readonly<Record<string, string>>): Promise<StrideHome> {
  const stride = await strideHome(variables);
  await stride.write("learning.yaml", learning);
  await stride.json("submit", "learning.yaml", "--json");
  return stride;
}

describe("a learned policy", () => {
  it("is there from the start of its study, and is exported as it is", async () => {
    await using database = await freshDatabase();
    await using stride = await withPolicy({ STRIDE_DATABASE_URL: database.url });
    const first = { name: "tuner", version: 0, parent: null, study: "learning", algorithm: "ppo", sha256 };
    expect(await stride.json("policy", "list", "--json")).toEqual([expect.objectContaining(first)]);
    expect(await stride.json("policy", "show", "tuner@0", "--json")).toMatchObject({ ...first, document: policy });
    expect((await stride.run("policy", "export", "tuner@0")).stdout).toBe(`${text}\n`);
    const unknown = await stride.run("policy", "show", "tuner@7");
    const stderr = "stride: there is no version 7 of the policy tuner; there are 0 to 0\n";
    expect(unknown).toEqual({ code: 2, stdout: "", stderr });
  });
});

describe("a sweep with a learned policy", () => {
  it("runs where no modules may, from the database and from a file alike", async () => {
    await using database = await freshDatabase();
    await using stride = await withPolicy({ STRIDE_DATABASE_URL: database.url, STRIDE_ALLOW_MODULES: "0" });
    await stride.write("learned.yaml", sweep);
    await stride.write("tuner.json", JSON.stringify(policy, null, 2));
    expect(await stride.json("plan", "learned.yaml", "--json")).toMatchObject({ study: "learned", trials: 6 });
    const ran = await stride.json("run", "learned.yaml", "--workers", "1", "--json");
    expect(ran).toMatchObject({ trials: { completed: 6, failed: 0 } });
    expect(await stride.json("submit", "learned.yaml", "--json")).toMatchObject({ added: 0, existing: 6 });
    const rows = (await stride.json("results", "trials", "learned", "--json")) as {
      schedule: string;
      seed: number;
      finalEvaluationLoss: number;
    }[];
    const losses = (name: string) =>
      rows
        .filter(({ schedule }) => schedule === name)
        .sort((left, right) => left.seed - right.seed)
        .map(({ finalEvaluationLoss }) => finalEvaluationLoss);
    expect(losses("stored")).toHaveLength(2);
    expect(losses("stored")).toEqual(losses("filed"));
  });

  it("is refused with the place of what is not there or is none, and nothing is stored", async () => {
    await using database = await freshDatabase();
    await using stride = await withPolicy({ STRIDE_DATABASE_URL: database.url });
    await stride.write("tuner.json", "{}");
    await stride.write("learned.yaml", sweep);
    const none = await stride.run("submit", "learned.yaml");
    expect(none.stderr).toMatch(/^stride: learned\.yaml:6:42 schedules\[2\]\.policy \.\/tuner\.json is no policy: /);
    await stride.write("tuner.json", text);
    await stride.write("learned.yaml", sweep.replace("tuner@0", "tuner@1"));
    const absent = await stride.run("submit", "learned.yaml");
    const says = "schedules[1].policy there is no version 1 of the policy tuner; there are 0 to 0";
    expect(absent).toEqual({ code: 2, stdout: "", stderr: `stride: learned.yaml:5:43 ${says}\n` });
    expect(await stride.json("status", "--json")).toEqual([expect.objectContaining({ name: "learning" })]);
  });
});
