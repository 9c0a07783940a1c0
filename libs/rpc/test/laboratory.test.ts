import { InvalidArgument, StudyNotFound, type TrialRow } from "@stride/experiment";
import type { WinRate } from "@stride/statistics";
import { describe, expect, it } from "vitest";
import { createLaboratoryClient, Unreachable, type WinRateQuestion } from "../src/index.js";
import { memoryLaboratory, trialRow } from "./memory-laboratory.js";
import { briefTiming, gate, serving } from "./serving.js";

function connect(address: string, options: Partial<Parameters<typeof createLaboratoryClient>[0]> = {}) {
  return createLaboratoryClient({ address, timing: briefTiming, ...options });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const winRate: WinRate = {
  task: "all",
  challenger: "greedy",
  baseline: "cosine",
  view: "tuned",
  wins: 7,
  ties: 2,
  losses: 1,
  undecided: 0,
  pairs: 10,
  winRate: { value: 0.8, lower: 0.5, upper: 0.95 },
  equalOrBetter: { value: 0.9, lower: null, upper: null },
  meanLogRatio: { value: -0.1, lower: -0.2, upper: 0 },
  conditions: { wins: 1, ties: 0, losses: 0, undecided: 0 },
  rates: [
    {
      ...{
        task: "nmf",
        optimizer: "sgd",
        noise: "none",
        schedule: "greedy",
        learningRate: 0.1,
        drawn: true,
        tuningMean: 0.2,
      },
      parameters: { patience: 3, "inner.floor": null },
    },
    {
      task: "nmf",
      optimizer: "sgd",
      noise: "n",
      schedule: "cosine",
      learningRate: null,
      drawn: false,
      tuningMean: null,
    },
  ],
};

describe("a laboratory's client and the server", () => {
  it("answer as the laboratory itself does", async () => {
    const laboratory = memoryLaboratory({ winRates: [winRate] });
    const twin = memoryLaboratory({ winRates: [winRate] });
    await using server = await serving({ laboratory });
    await using client = connect(server.address);
    const submission = { source: "study: known\n# é", file: "sweeps/known.yaml" };
    expect(await client.submit(submission)).toEqual(await twin.submit(submission));
    expect(await client.studies()).toEqual(await twin.studies());
    expect(await client.study("known")).toEqual(await twin.study("known"));
    expect(await client.setStudyState("known", "paused")).toEqual(await twin.setStudyState("known", "paused"));
    expect(await client.retryFailed("known")).toBe(await twin.retryFailed("known"));
    expect(await client.winRates("known", {})).toEqual([winRate]);
    expect(await client.diagnose()).toEqual(await twin.diagnose());
  });

  it("carry a question about win rates, and leave out what it leaves out", async () => {
    const laboratory = memoryLaboratory();
    await using server = await serving({ laboratory });
    await using client = connect(server.address);
    const question: WinRateQuestion = {
      ...{ margin: 0.02, baseline: "constant", seed: 5, task: "mlp", optimizer: "sgd", noise: "none" },
      metric: "stepsToTarget",
      target: "baseline",
    };
    await client.winRates("known", question);
    await client.winRates("known", { ...question, baseline: undefined });
    const { baseline: _, ...others } = question;
    expect(laboratory.questions).toEqual([question, others]);
  });

  it("list 10,000 trials in order", async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => trialRow(index));
    await using server = await serving({ laboratory: memoryLaboratory({ rows }) });
    await using client = connect(server.address);
    expect(await collect(client.trials("known"))).toEqual(rows);
  });

  it("list nothing where there is nothing", async () => {
    await using server = await serving();
    await using client = connect(server.address);
    expect(await collect(client.trials("known"))).toEqual([]);
    expect(await collect(client.curves("known", {}))).toEqual([]);
    expect(await client.winRates("known", {})).toEqual([]);
  });

  it("stop producing when the reader stops reading", async () => {
    let produced = 0;
    const ended = gate();
    async function* trials(): AsyncGenerator<TrialRow> {
      try {
        for (; produced < 1_000_000; produced += 1) yield trialRow(produced);
      } finally {
        ended.open();
      }
    }
    await using server = await serving({ laboratory: { ...memoryLaboratory(), trials } });
    await using client = connect(server.address);
    for await (const { trialId } of client.trials("known")) {
      if (trialId === "trial-700") break;
    }
    await ended.opened;
    expect(produced).toBeLessThan(1_000_000);
  });

  it("produce no further ahead than the reader reads", async () => {
    let produced = 0;
    async function* trials(): AsyncGenerator<TrialRow> {
      for (; produced < 200_000; produced += 1) yield trialRow(produced);
    }
    await using server = await serving({ laboratory: { ...memoryLaboratory(), trials } });
    await using client = connect(server.address);
    const reader = client.trials("known")[Symbol.asyncIterator]();
    await reader.next();
    let last = -1;
    while (last !== produced) {
      last = produced;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(produced).toBeLessThan(50_000);
    await reader.return?.();
  });

  it("carry whole curves, of any length, of all trials or of the named ones", async () => {
    const curves = [3, 200_000, 0].map((points, index) => ({
      trialId: `trial-${index}`,
      trainingLosses: new Float32Array(points).fill(Number.POSITIVE_INFINITY, 1),
      learningRates: new Float64Array(points).map((_, step) => 1 / (step + 1)),
      evaluations: [{ step: 0, loss: Number.NaN }],
    }));
    await using server = await serving({ laboratory: memoryLaboratory({ curves }) });
    await using client = connect(server.address);
    const arrived = await collect(client.curves("known", {}));
    expect(arrived.map(({ trialId, trainingLosses }) => [trialId, trainingLosses.length])).toEqual([
      ["trial-0", 3],
      ["trial-1", 200_000],
      ["trial-2", 0],
    ]);
    expect(arrived[0]).toEqual(curves[0]);
    expect(arrived[1]?.learningRates.at(-1)).toBe(1 / 200_000);
    expect(arrived[1]?.learningRates.every((rate, step) => rate === 1 / (step + 1))).toBe(true);
    expect((await collect(client.curves("known", { trialIds: ["trial-2"] }))).map(({ trialId }) => trialId)).toEqual([
      "trial-2",
    ]);
    expect(await collect(client.curves("known", { trialIds: [] }))).toEqual([]);
  });
});

describe("when a question cannot be answered", () => {
  it("a study that does not exist is named, whatever is asked of it", async () => {
    await using server = await serving();
    await using client = connect(server.address);
    const questions = [
      () => client.study("unknown"),
      () => client.setStudyState("unknown", "paused"),
      () => client.retryFailed("unknown"),
      () => collect(client.trials("unknown")),
      () => collect(client.curves("unknown", {})),
      () => client.winRates("unknown", {}),
    ];
    for (const ask of questions) await expect(ask()).rejects.toEqual(new StudyNotFound("unknown"));
  });

  it("bad input comes back with its whole message", async () => {
    const message = "✖ sweep.yaml:3:7 unknown key “stepz”\n  allowed: steps, seeds";
    const laboratory = memoryLaboratory({ before: () => Promise.reject(new InvalidArgument(message)) });
    await using server = await serving({ laboratory });
    await using client = connect(server.address);
    await expect(client.submit({ source: "", file: "sweep.yaml" })).rejects.toThrow(new InvalidArgument(message));
    expect(laboratory.calls).toEqual(["submit"]);
  });

  it("a message too long for a header is cut, not lost", async () => {
    const before = () => Promise.reject(new InvalidArgument(`begin ${"é\n".repeat(20_000)}`));
    await using server = await serving({ laboratory: memoryLaboratory({ before }) });
    await using client = connect(server.address);
    await expect(client.submit({ source: "", file: "sweep.yaml" })).rejects.toThrow(/^begin é\n(é\n)+…$/);
  });

  it("a sweep file above the limit is refused before it is sent", async () => {
    const laboratory = memoryLaboratory();
    await using server = await serving({ laboratory });
    await using client = connect(server.address);
    const failure = client.submit({ source: "x".repeat(34_000_000), file: "sweep.yaml" });
    await expect(failure).rejects.toBeInstanceOf(InvalidArgument);
    expect(laboratory.calls).toEqual([]);
  });

  it("an address where nobody listens is unreachable, also for a listing", async () => {
    const server = await serving();
    await server[Symbol.asyncDispose]();
    await using client = connect(server.address, { retry: { limitMs: 50 } });
    await expect(client.studies()).rejects.toBeInstanceOf(Unreachable);
    await expect(collect(client.trials("known"))).rejects.toBeInstanceOf(Unreachable);
  });

  it("a listing that breaks off in the middle is an error, not a short list", async () => {
    async function* trials(): AsyncGenerator<TrialRow> {
      for (let index = 0; index < 2_000; index += 1) yield trialRow(index);
      throw Object.assign(new Error("connection lost"), { code: "ECONNRESET" });
    }
    await using server = await serving({ laboratory: { ...memoryLaboratory(), trials } });
    await using client = connect(server.address);
    await expect(collect(client.trials("known"))).rejects.toBeInstanceOf(Unreachable);
  });
});
