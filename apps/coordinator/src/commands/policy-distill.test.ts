import {
  canonicalJson,
  InvalidArgument,
  moduleHash,
  type PolicyRow,
  parseSweep,
  StudyNotFound,
  type TrialCurve,
  type TrialRow,
} from "@stride/experiment";
import { type ServeOptions, serveGrpc } from "@stride/rpc";
import { initialPolicy, traceSchedule } from "@stride/schedules";
import { scheduleSpecSchema } from "@stride/schedules/spec";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createProgram } from "../program.js";
import { parseSettings } from "../settings.js";

const policy = initialPolicy({
  every: 10,
  sees: { gradients: false, bound: false },
  actions: { kind: "discrete", factors: [0.5, 1, 2] },
  range: { lowest: 0.01, highest: 100 },
  hidden: [4],
  critic: false,
  seed: 1,
});
const sha256 = moduleHash(canonicalJson(policy));
const steps = 60;
const of = (name: string, reference = "tuner@1", hash = sha256) => ({
  name,
  schedule: { kind: "policy", policy: reference, sha256: hash, every: 10, sees: policy.sees },
});
const sweeps: Readonly<Record<string, object>> = {
  one: { steps, schedules: [of("learned"), { name: "usual", schedule: { kind: "step", every: 20 } }] },
  two: { steps, schedules: [of("plain"), of("from a file", "tuner.json")] },
  other: {
    steps,
    schedules: [of("learned", "tuner@0", "0".repeat(64)), { name: "constant", schedule: { kind: "constant" } }],
  },
  agent: { policy: "tuner", iterations: 3 },
};

/** What the trials show is no network's doing but a table's, so that what it comes down to is known. */
const decided = scheduleSpecSchema.parse({ kind: "decision-table", every: 10, trend: [-0.1], table: [[2, 0.5]] });

/** Of the study `one`: trial i of 100 has one of five losses, which fall by ever less; odd ones are of another schedule. */
const trial = (i: number) => `t${String(i).padStart(3, "0")}`;
const row = (i: number): TrialRow => ({
  trialId: trial(i),
  cohortId: "c",
  task: "quadratic",
  optimizer: "sgd",
  noise: "none",
  schedule: i % 2 === 0 ? "learned" : "usual",
  learningRate: 0.1,
  drawn: false,
  seed: i,
  split: i < 20 ? "tuning" : "report",
  outcome: i === 2 ? "planned" : "completed",
  steps: i === 2 ? 0 : steps,
  finalEvaluationLoss: 1,
  bestEvaluationLoss: 1,
  areaUnderCurve: 1,
  forwardPasses: steps,
  backwardPasses: steps,
  seconds: 1,
  attempts: 1,
  executor: null,
});
function curve(trialId: string): TrialCurve {
  const speed = 0.05 * (1 + (Number(trialId.slice(1)) % 5));
  const losses = Array.from({ length: steps }, (_, step) => Math.exp(-speed * step * (1 - step / (2 * steps))));
  const rates = traceSchedule(decided, { learningRate: 0.1, steps, losses });
  return {
    trialId,
    // The policy saw other ones.
    trainingLosses: new Float32Array(steps).fill(1),
    seenLosses: Float32Array.from(losses),
    learningRates: Float64Array.from(rates.slice(0, steps)),
    evaluations: [],
  };
}

const asked: string[][] = [];
const laboratory: Partial<ServeOptions["laboratory"]> = {
  policies: async () =>
    [{ name: "tuner", version: 1, parent: 0, study: "rl", algorithm: "ppo", sha256 } as PolicyRow].map((each) => ({
      ...each,
      createdAt: new Date(0),
      training: null,
      validation: null,
      statistics: {},
    })),
  policyText: async () => canonicalJson(policy),
  async study(name: string) {
    if (sweeps[name] === undefined) throw new StudyNotFound(name);
    return {
      name,
      state: "running" as const,
      createdAt: new Date(0),
      trials: { planned: 0, running: 0, completed: 0, diverged: 0, failed: 0, cancelled: 0 },
      stepsPlanned: 0,
      stepsDone: 0,
      cohorts: 0,
      unfinishedCohorts: 0,
      sweep: sweeps[name],
    };
  },
  async *trials(name: string) {
    for (let i = 0; name === "one" && i < 120; i++) yield row(i);
  },
  async *curves(_name: string, { trialIds = [] }: { readonly trialIds?: readonly string[] }) {
    asked.push([...trialIds]);
    for (const trialId of trialIds) yield curve(trialId);
  },
};

let server: Awaited<ReturnType<typeof serveGrpc>>;
beforeAll(async () => {
  const reporter = {} as ServeOptions["reporter"];
  const served = laboratory as ServeOptions["laboratory"];
  server = await serveGrpc({ address: "127.0.0.1:0", reporter, laboratory: served, onError: () => {} });
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(() => vi.restoreAllMocks());

/** What `stride policy distill …` prints when it asks that coordinator. */
async function distill(...args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
  vi.spyOn(console, "error").mockImplementation(() => {});
  const settings = parseSettings({ STRIDE_COORDINATOR: `127.0.0.1:${server.port}` });
  const context = { settings: () => settings, environment: {}, signal: new AbortController().signal, exit: () => {} };
  await createProgram(context).parseAsync(["policy", "distill", ...args], { from: "user" });
  return printed.join("\n");
}

describe("stride policy distill", () => {
  it("finds the table again that stood behind the rates, from what the policy saw", async () => {
    const found = JSON.parse(await distill("tuner@1", "--study", "one", "--candidates", "20", "--json"));
    expect(found).toMatchObject({ policy: "tuner@1", study: "one", schedule: "learned" });
    expect(found.table).toMatchObject({ leftOut: 1, schedule: { kind: "decision-table", table: [[2, 0.5]] } });
    expect(found.greedy.schedule.kind).toBe("greedy");
    // 59 ended trials of the schedule: 48 of them, evenly.
    expect(found.curves).toEqual({ fitted: 24, leftOut: 24 });
    expect(asked.at(-1)?.slice(0, 5)).toEqual(["t000", "t004", "t008", "t010", "t012"]);
    expect(asked.at(-1)?.at(-1)).toBe("t118");
  });

  it("prints the scores, what they mean, and schedules that a sweep takes", async () => {
    const printed = await distill("tuner@1", "--study", "one", "--schedule", "learned", "--candidates", "20");
    expect(printed).toContain("tuner@1 in one (learned): 24 trainings fitted to, 24 left out");
    expect(printed).toMatch(/^ *decision table +1 +1 *$/m);
    expect(printed).toMatch(/the decision table explains more than GreedyLR: 1\.00 against -?\d\.\d\d\./);
    const entries = printed.slice(printed.indexOf("  - "));
    const { schedules } = parseSweep(
      `study: s\ntasks: [{ kind: quadratic }]\nlearningRates: [0.1]\nseeds: { tuning: 1, report: 1 }\nsteps: 60\nschedules:\n${entries}\n`,
    );
    const json = JSON.parse(await distill("tuner@1", "--study", "one", "--candidates", "20", "--json"));
    expect(schedules).toEqual([
      { name: "distilled", schedule: json.greedy.schedule },
      { name: "distilled with limits", schedule: json.greedyWithin.schedule },
      { name: "distilled table", schedule: json.table.schedule },
    ]);
  });

  it.each([
    { args: ["tuner", "--study", "one"], says: 'a policy must be NAME@VERSION, as tuner@12, got "tuner"' },
    { args: ["tuner@7", "--study", "one"], says: "there is no version 7 of the policy tuner" },
    { args: ["tuner@1", "--study", "on"], says: 'there is no study named "on"' },
    {
      args: ["tuner@1", "--study", "other"],
      says: "no schedule of the study other is the policy tuner@1; there are learned (tuner@0), constant (constant)",
    },
    {
      args: ["tuner@1", "--study", "one", "--schedule", "usual"],
      says: "--schedule must be one that is the policy tuner@1: learned; got usual",
    },
    {
      args: ["tuner@1", "--study", "two"],
      says: "2 schedules of the study two are that policy: give --schedule, one of plain, from a file",
    },
    {
      args: ["tuner@1", "--study", "two", "--schedule", "plain"],
      says: "the study two has 0 ended trials of plain in which tuner@1 decided; it takes 2 at least",
    },
    {
      args: ["tuner@1", "--study", "agent"],
      says: "it is an agent's; what came out of it was compared in agent-comparison",
    },
  ])("refuses $args and says what there is", async ({ args, says }) => {
    await expect(distill(...args)).rejects.toThrow(says);
  });

  it("calls what it refuses the asker's mistake", async () => {
    await expect(distill("tuner@1", "--study", "other")).rejects.toThrow(InvalidArgument);
  });
});
