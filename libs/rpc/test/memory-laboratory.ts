import {
  type AgentProgress,
  type Laboratory,
  PolicyNotFound,
  type PolicyRow,
  StudyNotFound,
  type StudyState,
  type TrialCurve,
  type TrialRow,
  type WorkerRow,
} from "@stride/experiment";
import type { WinRate } from "@stride/statistics";
import type { WinRateQuestion } from "../src/index.js";

/** A row of a finished trial, the same for the same index. */
export function trialRow(index: number): TrialRow {
  return {
    trialId: `trial-${index}`,
    cohortId: `cohort-${Math.floor(index / 8)}`,
    task: "mlp-mnist-128",
    optimizer: "sgd",
    noise: index % 3 === 0 ? "gradient-gaussian-0.1" : "none",
    schedule: index % 2 === 0 ? "greedy" : "cosine",
    learningRate: 0.1,
    drawn: index % 5 === 0,
    seed: index,
    split: "report",
    outcome: index % 7 === 0 ? "diverged" : "completed",
    steps: 2_000,
    finalEvaluationLoss: index % 7 === 0 ? Number.POSITIVE_INFINITY : 1 / (index + 1),
    bestEvaluationLoss: null,
    areaUnderCurve: 0.5,
    forwardPasses: 2_000,
    backwardPasses: 2_000,
    seconds: 1.5,
    attempts: 1,
    executor: "onnx-cpu",
  };
}

/** A policy named "learned", the same for the same version. */
export function policyRow(version: number): PolicyRow {
  const summary = { episodes: 64, meanReturn: version / 3, divergence: 0.125, entropy: 1.5, seconds: 2.5 };
  return {
    name: "learned",
    version,
    parent: version === 0 ? null : version - 1,
    study: "known",
    algorithm: "ppo",
    sha256: version.toString(16).padStart(64, "0"),
    createdAt: new Date(version),
    training: { ...summary, steps: 6_400, forwardPasses: 6_500, backwardPasses: 6_400 },
    validation: null,
    statistics: version === 0 ? {} : { "policy loss": -0.5, "clipped share": 0, "value loss": Number.NaN },
  };
}

export interface MemoryLaboratoryOptions {
  readonly rows?: readonly TrialRow[];
  readonly curves?: readonly TrialCurve[];
  readonly winRates?: readonly WinRate[];
  readonly policies?: readonly PolicyRow[];
  readonly workers?: readonly WorkerRow[];
  /** Of "known"; left out: it is no agent's study. */
  readonly progress?: AgentProgress;
  /** Awaited at the begin of every call; may reject. */
  before?(call: string): Promise<void>;
}

export interface MemoryLaboratory extends Laboratory<WinRateQuestion, WinRate> {
  readonly calls: string[];
  readonly questions: WinRateQuestion[];
}

/** One study named "known", in memory. Its failed trials are retried once: then there are none. */
export function memoryLaboratory(options: MemoryLaboratoryOptions = {}): MemoryLaboratory {
  const { rows = [], curves = [], winRates = [], policies = [], workers = [], progress, before } = options;
  const calls: string[] = [];
  const questions: WinRateQuestion[] = [];
  let state: StudyState = "running";
  let failed = 3;
  let submitted = 0;
  const enter = async (call: string, study?: string) => {
    calls.push(call);
    await before?.(call);
    if (study !== undefined && study !== "known") throw new StudyNotFound(study);
  };
  const status = () => ({
    name: "known",
    state,
    createdAt: new Date("2026-01-02T03:04:05.678Z"),
    trials: { planned: 1, running: 2, completed: 3, diverged: 4, failed, cancelled: 6 },
    stepsPlanned: 10_000_000_000,
    stepsDone: 5,
    cohorts: 4,
    unfinishedCohorts: 2,
  });

  return {
    calls,
    questions,
    async submit({ source }) {
      await enter("submit");
      const added = submitted === 0 ? source.length : 0;
      submitted += 1;
      return { study: "known", added, existing: 0, cohorts: 1, warnings: ["the rate never falls"] };
    },
    async studies() {
      await enter("studies");
      return [status()];
    },
    async study(name) {
      await enter("study", name);
      return { ...status(), sweep: { study: name, steps: 10 } };
    },
    async setStudyState(name, next) {
      await enter("setStudyState", name);
      state = next;
      return status();
    },
    async retryFailed(name) {
      await enter("retryFailed", name);
      const retried = failed;
      failed = 0;
      return retried;
    },
    async *trials(name) {
      await enter("trials", name);
      yield* rows;
    },
    async *curves(name, { trialIds }) {
      await enter("curves", name);
      yield* trialIds === undefined ? curves : curves.filter(({ trialId }) => trialIds.includes(trialId));
    },
    async winRates(name, question) {
      await enter("winRates", name);
      questions.push(question);
      return winRates;
    },
    async policies(name) {
      await enter("policies");
      return name === undefined ? policies : policies.filter((row) => row.name === name);
    },
    async policyText(name, version) {
      await enter("policyText");
      if (!policies.some((row) => row.name === name && row.version === version))
        throw new PolicyNotFound(name, version);
      return `{"every":${version}}`;
    },
    async agentProgress(name) {
      await enter("agentProgress", name);
      return progress;
    },
    async workers() {
      await enter("workers");
      return workers;
    },
    async diagnose() {
      await enter("diagnose");
      return { version: "0.1.0", startedAt: new Date(0), checks: [{ name: "database", ok: true, detail: "here" }] };
    },
  };
}
