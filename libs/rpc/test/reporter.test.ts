import { type Answer, InvalidArgument } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { ClientClosed, RemoteFailure, systemTiming, Unreachable } from "../src/index.js";
import { breakableConnection } from "./breakable-connection.js";
import { memoryReporter } from "./memory-reporter.js";
import { briefTiming, gate, impatient, patient, serving, start } from "./serving.js";

const key = { cohortId: start.cohortId, token: 1 };
const result = {
  trialId: "a",
  outcome: { kind: "diverged", step: 3 },
  steps: 3,
  finalEvaluationLoss: Number.POSITIVE_INFINITY,
  bestEvaluationLoss: 0.25,
  areaUnderCurve: Number.POSITIVE_INFINITY,
  forwardPasses: 4,
  backwardPasses: 3,
  seconds: 0.5,
} as const;

function reportOf(losses: readonly number[], firstStep = 0) {
  const chunk = {
    trialId: "a",
    firstStep,
    trainingLosses: Float32Array.from(losses),
    learningRates: new Float64Array(losses.length).fill(0.1),
  };
  return {
    ...key,
    step: firstStep + losses.length,
    chunks: [chunk],
    evaluations: [{ trialId: "a", step: 0, loss: 2 }],
  };
}

describe("a reporter's client and the server", () => {
  it("carry an attempt from its start to its results", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = impatient(server.address);
    expect(await client.startAttempt(start)).toEqual({ kind: "continue", token: 1 });
    expect(await client.report(reportOf([1, Number.NaN, Number.POSITIVE_INFINITY]))).toEqual({ kind: "continue" });
    expect(await client.report({ ...key, step: 3, chunks: [], evaluations: [] })).toEqual({ kind: "continue" });
    expect(await client.finishAttempt({ ...key, results: [result] })).toEqual({ kind: "continue" });
    expect([...reporter.losses.values()]).toEqual([1, Number.NaN, Number.POSITIVE_INFINITY]);
    expect(reporter.evaluations.get("a@0")).toBe(2);
    expect(reporter.results).toEqual([result]);
  });

  it("carry an attempt that is given up", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = impatient(server.address);
    await client.startAttempt(start);
    const answer = await client.abandonAttempt({ ...key, end: "failed", message: "out of memory — größer" });
    expect(answer).toEqual({ kind: "continue" });
    expect(reporter.messages).toEqual(["out of memory — größer"]);
  });

  it.each<Answer>([
    { kind: "stop", reason: "cancelled" },
    { kind: "stop", reason: "paused" },
    { kind: "stop", reason: "failed" },
    { kind: "superseded" },
  ])("carry the answer $kind $reason", async (answer) => {
    await using server = await serving({ reporter: memoryReporter({ answer: () => answer }) });
    await using client = impatient(server.address);
    expect(await client.startAttempt(start)).toEqual(answer);
  });

  it("answer an older token with superseded, and record nothing for it", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using first = impatient(server.address);
    await using second = impatient(server.address);
    await first.startAttempt(start);
    expect(await second.startAttempt(start)).toEqual({ kind: "continue", token: 2 });
    expect(await first.report(reportOf([1]))).toEqual({ kind: "superseded" });
    expect(reporter.losses.size).toBe(0);
  });

  it("record a repeated report once", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = impatient(server.address);
    await client.startAttempt(start);
    for (let time = 0; time < 3; time += 1) {
      expect(await client.report(reportOf([1, 2]))).toEqual({ kind: "continue" });
    }
    expect([...reporter.losses]).toEqual([
      ["a@0", 1],
      ["a@1", 2],
    ]);
  });

  it("carry a report of 16 curves of 50,000 steps in messages below the limit, each point once", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = impatient(server.address, { retry: { deadlineMs: 30_000 } });
    await client.startAttempt(start);
    const chunks = Array.from({ length: 16 }, (_, trial) => ({
      trialId: `trial-${trial}`,
      firstStep: 0,
      trainingLosses: new Float32Array(50_000).map((_, step) => trial * 100_000 + step),
      learningRates: new Float64Array(50_000),
    }));
    expect(await client.report({ ...key, step: 50_000, chunks, evaluations: [] })).toEqual({ kind: "continue" });
    expect(reporter.calls.filter((call) => call === "report").length).toBeGreaterThan(4);
    expect(reporter.losses.size).toBe(16 * 50_000);
    expect(reporter.losses.get("trial-15@49999")).toBe(1_549_999);
  });

  it("carry many attempts at once", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on("warning", listen);
    await using server = await serving();
    await using client = impatient(server.address);
    const cohorts = Array.from({ length: 100 }, (_, index) => ({ ...start, cohortId: `cohort-${index}` }));
    const answers = await Promise.all(cohorts.map((cohort) => client.startAttempt(cohort)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set(['{"kind":"continue","token":1}']),
    );
    await new Promise(setImmediate);
    process.off("warning", listen);
    expect(warnings).toEqual([]);
  });

  it("send no more of a large report once the answer is not to continue", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = impatient(server.address);
    const chunk = {
      trialId: "a",
      firstStep: 0,
      trainingLosses: new Float32Array(300_000),
      learningRates: new Float64Array(300_000),
    };
    expect(await client.report({ ...key, step: 300_000, chunks: [chunk], evaluations: [] })).toEqual({
      kind: "superseded",
    });
    expect(reporter.calls).toEqual(["report"]);
  });

  it("refuse a call above the limit before it is sent", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = impatient(server.address);
    const results = Array.from({ length: 180_000 }, () => ({ ...result, trialId: "x".repeat(150) }));
    await expect(client.finishAttempt({ ...key, results })).rejects.toThrow(/at most 33554432 bytes, this one has \d+/);
    expect(reporter.calls).toEqual([]);
  });

  it("refuse bad input by the field's name, at the first attempt", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = patient(server.address);
    const failure = client.report({ ...key, step: -1, chunks: [], evaluations: [] });
    await expect(failure).rejects.toThrow(new InvalidArgument("step must be an integer of at least 0, got -1"));
    await expect(failure).rejects.toBeInstanceOf(InvalidArgument);
    expect(reporter.calls).toEqual([]);
  });
});

describe("when the server fails", () => {
  it("a service that is away for a while is waited for", async () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 10.1.2.3:5432"), { code: "ECONNREFUSED" });
    const errors: unknown[] = [];
    const reporter = memoryReporter({
      before: async (_, count) => {
        if (count <= 3) throw new Error("query failed", { cause: refused });
      },
    });
    await using server = await serving({ reporter, onError: (error) => errors.push(error) });
    await using client = patient(server.address);
    expect(await client.startAttempt(start)).toEqual({ kind: "continue", token: 1 });
    expect(reporter.calls.length).toBe(4);
    expect(errors.length).toBe(3);
  });

  it("a bug is told once, without its details, and is not repeated", async () => {
    const errors: unknown[] = [];
    const bug = new TypeError("password=hunter2 is not a function");
    const reporter = memoryReporter({ before: () => Promise.reject(bug) });
    await using server = await serving({ reporter, onError: (error) => errors.push(error) });
    await using client = patient(server.address);
    const failure = await client.startAttempt(start).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RemoteFailure);
    expect(String(failure)).toMatch(/its log says which/);
    expect(String(failure)).not.toMatch(/hunter2/);
    expect(errors).toEqual([bug]);
  });

  it("an address where nobody listens is unreachable, by its name", async () => {
    const server = await serving();
    await server[Symbol.asyncDispose]();
    await using client = impatient(server.address);
    const failure = await client.startAttempt(start).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Unreachable);
    expect(failure).toMatchObject({ address: server.address });
    expect(String(failure)).toContain(`cannot reach the coordinator at ${server.address} (`);
  });

  it("a server that never answers is given up at the deadline", async () => {
    const reporter = memoryReporter({ before: () => new Promise(() => {}) });
    await using server = await serving({ reporter, shutdownMs: 10 });
    await using client = impatient(server.address, { retry: { deadlineMs: 50, limitMs: 0 } });
    await expect(client.startAttempt(start)).rejects.toThrow(/no answer in time/);
  });

  it("a call that ran into its deadline is made again", async () => {
    const reporter = memoryReporter({
      before: (_, count) => (count === 1 ? new Promise(() => {}) : Promise.resolve()),
    });
    await using server = await serving({ reporter, shutdownMs: 10 });
    await using client = patient(server.address, { retry: { deadlineMs: 200, limitMs: 60_000 } });
    await expect(client.report({ ...key, step: 0, chunks: [], evaluations: [] })).resolves.toEqual({
      kind: "superseded",
    });
    expect(reporter.calls).toEqual(["report", "report"]);
  });

  it("a start whose answer was lost opens one attempt, and the repetition gets its token", async () => {
    const arrived = gate();
    const reporter = memoryReporter({ before: () => arrived.opened });
    await using server = await serving({ reporter, shutdownMs: 10 });
    let pauses = 0;
    await using client = patient(server.address, {
      retry: { deadlineMs: 100, limitMs: 60_000 },
      timing: {
        ...briefTiming,
        async sleep() {
          pauses += 1;
          if (pauses === 2) arrived.open();
        },
      },
    });
    expect(await client.startAttempt(start)).toEqual({ kind: "continue", token: 1 });
    expect(reporter.calls).toEqual(["startAttempt"]);
    expect(await client.startAttempt(start)).toEqual({ kind: "continue", token: 2 });
  });

  it("closing the client ends a call that waits to be repeated", async () => {
    const server = await serving();
    await server[Symbol.asyncDispose]();
    const waiting = gate();
    const client = patient(server.address, {
      timing: {
        ...briefTiming,
        sleep: (_, signal) => {
          waiting.open();
          return systemTiming.sleep(1_000_000, signal);
        },
      },
    });
    const call = client.startAttempt(start);
    await waiting.opened;
    await client[Symbol.asyncDispose]();
    await expect(call).rejects.toBeInstanceOf(ClientClosed);
    await expect(client.startAttempt(start)).rejects.toBeInstanceOf(ClientClosed);
  });
});

describe("when the server dies in the middle of a report and comes back", () => {
  it("the client gets through, and every point is recorded once", async () => {
    const reporter = memoryReporter();
    const first = await serving({ reporter, shutdownMs: 0 });
    const { address } = first;
    await using client = patient(address);
    await client.startAttempt(start);
    let sent = 0;
    const reports = (async () => {
      for (; sent < 200; sent += 1) await client.report(reportOf([sent], sent));
    })();
    while (sent < 50) await new Promise(setImmediate);
    await first[Symbol.asyncDispose]();
    const before = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent - before).toBeLessThanOrEqual(1);
    await using _second = await serving({ reporter, address });
    await reports;
    expect(reporter.losses.size).toBe(200);
    expect(reporter.losses.get("a@199")).toBe(199);
  });
});

describe("when the connection breaks", () => {
  it("before the answer arrives, the report is repeated and recorded once", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using wire = await breakableConnection(server.port);
    await using client = patient(wire.address);
    await client.startAttempt(start);
    for (let step = 0; step < 20; step += 1) {
      if (step % 5 === 0) wire.breakAtNextAnswer();
      expect(await client.report(reportOf([step], step))).toEqual({ kind: "continue" });
    }
    expect(reporter.losses.size).toBe(20);
    expect(wire.broken()).toBe(4);
    expect(reporter.calls.length).toBe(1 + 20 + 4);
  });
});
