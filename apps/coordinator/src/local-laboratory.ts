import {
  InvalidArgument,
  isAgentSweep,
  moduleReferences,
  PolicyNotFound,
  StudyNotFound,
  type StudyStatus,
  type Submission,
  type Submitted,
  version,
} from "@stride/experiment";
import type { PostgresResultStore } from "@stride/results";
import type { WinRateQuestion } from "@stride/rpc";
import { type WinRateOptions, winRatesFromCells } from "@stride/statistics";
import { requireModulesAllowed } from "./check-modules.js";
import type { StrideLaboratory } from "./connection.js";
import { withStoredPolicies } from "./stored-policies.js";
import { parseStoredSweep, requireTrials } from "./stored-sweep.js";
import { planStudy } from "./study-plan.js";
import { activeTrace } from "./submission-trace.js";
import { submitAgent } from "./submit-agent.js";

/** Workers heard of within a day are listed. */
const workersListedMs = 86_400_000;

export interface LocalLaboratoryOptions {
  readonly store: PostgresResultStore;
  /** Whether a sweep may bring modules of its own. */
  readonly allowModules: boolean;
  /** Told when there may be something new to deliver. */
  readonly onWork?: () => void;
}

/** The laboratory over a result store: what the coordinator serves over gRPC, and what the command line uses without one. */
export function createLocalLaboratory(options: LocalLaboratoryOptions): StrideLaboratory {
  const { store, allowModules, onWork = () => {} } = options;
  const startedAt = new Date();

  async function known(name: string): Promise<StudyStatus & { readonly sweep: unknown }> {
    const study = await store.study(name);
    if (study === undefined) throw new StudyNotFound(name);
    return study;
  }

  async function submitTrials(submission: Submission): Promise<Submitted> {
    const code = moduleReferences(submission.source, submission).filter(({ kind }) => kind === "module");
    requireModulesAllowed(
      code.map(({ path }) => path),
      allowModules,
    );
    const plan = await planStudy(await withStoredPolicies(submission, store), (name) => store.knownTrialIds(name));
    const { study } = plan.sweep;
    const { added, existing } = await store.submitStudy({
      name: study,
      source: submission.source,
      sweep: plan.sweep,
      cohorts: plan.cohorts,
      ...activeTrace(),
    });
    return {
      study,
      added,
      existing: existing + plan.existing,
      cohorts: plan.cohorts.length,
      warnings: plan.warnings,
    };
  }

  return {
    async submit(submission) {
      const agent = isAgentSweep(submission.source);
      const submitted = await (agent ? submitAgent(store, submission) : submitTrials(submission));
      onWork();
      return submitted;
    },
    studies: () => store.studies(),
    workers: () => store.workers({ withinMs: workersListedMs }),
    study: known,
    async setStudyState(name, state) {
      const before = await known(name);
      if (before.state === "cancelled" && state !== "cancelled") {
        throw new InvalidArgument(`study ${name} is cancelled, which is final: submit its sweep under another name`);
      }
      const status = await store.setStudyState(name, state);
      if (status === undefined) throw new StudyNotFound(name);
      onWork();
      return status;
    },
    async retryFailed(name) {
      await known(name);
      const count = await store.retryFailed(name);
      onWork();
      return count;
    },
    async *trials(name) {
      requireTrials((await known(name)).sweep);
      yield* store.streamTrials(name);
    },
    async *curves(name, options) {
      requireTrials((await known(name)).sweep);
      yield* store.streamCurves(name, options);
    },
    async winRates(name, question) {
      const { sweep } = await known(name);
      requireTrials(sweep);
      const options = winRateOptions(sweep, question);
      return winRatesFromCells(await store.winRateCells(name, options), options);
    },
    policies: (name) => store.policies(name),
    async policyText(name, policyVersion) {
      const text = await store.policyText(name, policyVersion);
      if (text === undefined) throw new PolicyNotFound(name, policyVersion);
      return text;
    },
    async agentProgress(name) {
      await known(name);
      return store.agentProgress(name);
    },
    async diagnose() {
      const studies = await store.studies();
      return {
        version,
        startedAt,
        checks: [{ name: "database", ok: true, detail: `${studies.length} studies` }],
      };
    },
  };
}

/** What was not asked for is as the study's sweep says. */
function winRateOptions(sweep: unknown, question: WinRateQuestion): WinRateOptions {
  return { ...parseStoredSweep(sweep).analysis, ...question };
}
