import { type Episode, type EpisodeBatch, returnOf, type UpdateStatistics } from "../agent/domain.js";
import { iterationWork, replayedIterations, targetVersion } from "../agent/plan.js";
import type {
  AgentFlow,
  AgentStore,
  EpisodeSummary,
  PlannedAgentStudy,
  PolicyRow,
  RecordedEpisode,
} from "../agent/ports.js";
import { requireEpisodes } from "../agent/require-episodes.js";
import type { AgentSweep } from "../agent/sweep.js";
import { canonicalJson } from "../canonical-json.js";
import { InvalidArgument } from "../errors.js";
import type { Answer, AttemptKey } from "../ports.js";
import { moduleHash } from "../sweep/modules.js";
import { readPolicy } from "../sweep/policies.js";
import type { AgentWorkPlace, AttemptRecord, CohortRecord, Records, StudyRecord } from "./records.js";
import { emptyCohort } from "./records.js";
import { settledAnswer } from "./reporter.js";
import { unfinishedTraining } from "./waiting-update.js";

export interface MemoryAgentsOptions {
  readonly records: Records;
  /** Milliseconds. */
  readonly now: () => number;
}

/** A version as it is kept. */
export interface PolicyRecord extends Omit<PolicyRow, "training" | "validation"> {
  readonly document: string;
}

interface LivedBatch {
  readonly batch: EpisodeBatch;
  readonly episodes: readonly Episode[];
}

const goOn: Answer = { kind: "continue" };

/** The agents' half of the store. No method awaits anything, so each is one transaction. */
export function memoryAgents({ records, now }: MemoryAgentsOptions): AgentStore {
  /** By the name of the study. */
  const policies = new Map<string, PolicyRecord[]>();
  const lived = new Map<string, LivedBatch>();

  const policiesOf = (study: string) => policies.get(study) ?? [];
  const textOf = (study: string, version: number) => policiesOf(study)[version]?.document as string;
  const sweepOf = ({ sweep }: StudyRecord) => sweep as AgentSweep;

  function workOf(study: StudyRecord, iteration: number) {
    const sweep = sweepOf(study);
    const target = targetVersion(sweep, iteration);
    return iterationWork(sweep, iteration, {
      policy: textOf(study.name, iteration),
      ...(target === undefined ? {} : { target: textOf(study.name, target) }),
    });
  }

  /** Adds a version and the work of its iteration. */
  function addVersion(study: StudyRecord, document: string, statistics: UpdateStatistics): void {
    const { policy: name, algorithm } = sweepOf(study);
    const known = policiesOf(study.name);
    const version = known.length;
    const finite = Object.fromEntries(Object.entries(statistics).filter(([, value]) => Number.isFinite(value)));
    policies.set(study.name, [
      ...known,
      {
        name,
        version,
        parent: version === 0 ? null : version - 1,
        study: study.name,
        algorithm: algorithm.kind,
        sha256: moduleHash(document),
        createdAt: new Date(now()),
        statistics: finite,
        document,
      },
    ]);
    const { batches, update } = workOf(study, version);
    for (const work of [...batches, ...(update === undefined ? [] : [update])]) {
      const isBatch = work.kind === "episodes";
      const place: AgentWorkPlace = {
        kind: work.kind,
        iteration: version,
        position: isBatch ? work.position : 0,
        count: isBatch ? work.starts.length : 0,
        steps: isBatch ? work.environment.steps : 0,
        diverged: 0,
      };
      const record = {
        ...emptyCohort({ cohortId: work.cohortId, studyName: study.name, trials: [] }, study),
        work: place,
      };
      study.cohorts.push(record);
      records.cohorts.set(work.cohortId, record);
    }
  }

  function open(key: AttemptKey): { record?: CohortRecord; attempt?: AttemptRecord; answer?: Answer } {
    const record = records.cohorts.get(key.cohortId);
    const attempt = record?.attempts.find(({ token }) => token === key.token);
    if (attempt?.ending === "finished") return { answer: goOn };
    if (record === undefined || attempt === undefined || attempt.ending !== undefined) {
      return { answer: settledAnswer(record, attempt) };
    }
    return { record, attempt };
  }

  function flowOf(study: StudyRecord, iteration: number, isLive: (record: CohortRecord) => boolean): AgentFlow {
    const { batches, update } = workOf(study, iteration);
    const recordOf = ({ cohortId }: { readonly cohortId: string }) => records.cohorts.get(cohortId) as CohortRecord;
    const waiting = (work: { readonly cohortId: string }) => isUnfinished(recordOf(work)) && !isLive(recordOf(work));
    const waits = batches.some(
      (batch) => batch.purpose === "train" && isUnfinished(recordOf(batch)) && isLive(recordOf(batch)),
    );
    return {
      batches: batches.filter(waiting),
      ...(update === undefined || waits || !waiting(update) ? {} : { update }),
    };
  }

  function summaryOf(study: string, version: number, purpose: EpisodeBatch["purpose"]): EpisodeSummary | null {
    const episodes = [...lived.values()]
      .filter(({ batch }) => batch.studyName === study && batch.iteration === version && batch.purpose === purpose)
      .flatMap((each) => each.episodes);
    if (episodes.length === 0) return null;
    const sum = (of: (episode: Episode) => number) => episodes.reduce((total, episode) => total + of(episode), 0);
    const total = (values: Float32Array) => values.reduce((all, value) => all + value, 0);
    return {
      episodes: episodes.length,
      meanReturn: sum(returnOf) / episodes.length,
      divergence: sum(({ diverged }) => (diverged ? 1 : 0)) / episodes.length,
      entropy:
        sum(({ entropies }) => total(entropies)) /
        Math.max(
          1,
          sum(({ decisions }) => decisions),
        ),
      steps: sum(({ steps }) => steps),
      forwardPasses: sum(({ forwardPasses }) => forwardPasses),
      backwardPasses: sum(({ backwardPasses }) => backwardPasses),
      seconds: sum(({ seconds }) => seconds),
    };
  }

  return {
    async submitAgentStudy(planned: PlannedAgentStudy) {
      const { name, sweep, policyName, policy } = structuredClone(planned);
      const owner = [...policies].find(([, [first]]) => first?.name === policyName)?.[0];
      if (owner !== undefined && owner !== name) {
        throw new InvalidArgument(
          `policies named ${policyName} belong to the study ${owner}: give the agent another name (agent.policy)`,
        );
      }
      const known = records.studies.get(name);
      if (known !== undefined) {
        if (canonicalJson(known.sweep) === canonicalJson(sweep)) return { added: false };
        throw new InvalidArgument(
          `the study ${name} is there with another sweep, and an agent's cannot change: submit it under another name`,
        );
      }
      const study: StudyRecord = {
        name,
        createdAt: new Date(now()),
        state: "running",
        sweep,
        cohorts: [],
        agent: true,
      };
      records.studies.set(name, study);
      addVersion(study, policy, {});
      return { added: true };
    },
    async undeliveredFlows({ leaseMs, limit, studyName }) {
      const isLive = ({ attempts }: CohortRecord) => {
        const last = attempts.at(-1);
        return last !== undefined && last.ending === undefined && last.heardAt > now() - leaseMs;
      };
      return [...records.studies.values()]
        .filter(({ name, state, agent }) => agent && state === "running" && (studyName ?? name) === name)
        .flatMap((study) => policiesOf(study.name).map(({ version }) => flowOf(study, version, isLive)))
        .filter(({ batches, update }) => batches.length > 0 || update !== undefined)
        .slice(0, limit);
    },
    async finishEpisodes({ episodes, ...key }) {
      const { record, attempt, answer } = open(key);
      if (record === undefined || attempt === undefined) return answer as Answer;
      const { work, study } = record;
      if (work?.kind !== "episodes") throw new InvalidArgument(`${key.cohortId} is no batch of episodes`);
      const batch = workOf(study, work.iteration).batches.find(
        ({ position }) => position === work.position,
      ) as EpisodeBatch;
      requireEpisodes(batch, episodes);
      work.diverged = episodes.filter(({ diverged }) => diverged).length;
      lived.set(key.cohortId, { batch, episodes: structuredClone(episodes) });
      attempt.ending = "finished";
      record.state = "finished";
      return goOn;
    },
    async *trajectories({ cohortId, token }): AsyncGenerator<RecordedEpisode> {
      const record = records.cohorts.get(cohortId);
      const newest = record?.attempts.at(-1);
      if (record?.work?.kind !== "update" || newest?.token !== token || newest.ending !== undefined) {
        throw new InvalidArgument(`there is no open attempt ${token} at an update ${cohortId}`);
      }
      const { iteration } = record.work;
      const first = iteration - replayedIterations(sweepOf(record.study));
      const remembered = [...lived.values()]
        .filter(({ batch }) => batch.studyName === record.study.name && batch.purpose === "train")
        .filter(({ batch }) => batch.iteration >= first && batch.iteration <= iteration)
        .sort(
          (left, right) => left.batch.iteration - right.batch.iteration || left.batch.position - right.batch.position,
        );
      for (const { batch, episodes } of remembered) {
        for (const episode of episodes)
          yield { ...structuredClone(episode), iteration: batch.iteration, position: batch.position };
      }
    },
    async finishUpdate({ policy, statistics, ...key }) {
      const { record, attempt, answer } = open(key);
      if (record === undefined || attempt === undefined) return answer as Answer;
      if (record.work?.kind !== "update") throw new InvalidArgument(`${key.cohortId} is no update`);
      const left = unfinishedTraining(record).length;
      if (left > 0)
        throw new InvalidArgument(`${key.cohortId} came before ${left} batches of its iteration were finished`);
      readPolicy(policy);
      addVersion(record.study, policy, statistics);
      attempt.ending = "finished";
      record.state = "finished";
      return goOn;
    },
    async policies(name) {
      return [...policies.values()]
        .flat()
        .filter((policy) => name === undefined || policy.name === name)
        .sort((left, right) =>
          left.name < right.name ? -1 : left.name > right.name ? 1 : left.version - right.version,
        )
        .map(({ document: _, ...policy }) => ({
          ...policy,
          training: summaryOf(policy.study, policy.version, "train"),
          validation: summaryOf(policy.study, policy.version, "validation"),
        }));
    },
    async policyText(name, version) {
      return [...policies.values()].flat().find((policy) => policy.name === name && policy.version === version)
        ?.document;
    },
    async agentProgress(studyName) {
      const study = records.studies.get(studyName);
      const known = policiesOf(studyName);
      if (study === undefined || known[0] === undefined) return undefined;
      const { iterations, tasks, validate } = sweepOf(study);
      const iteration = known.length - 1;
      const whole = tasks.validation.length * validate.each;
      const validated = known
        .map(({ version }) => ({ version, summary: summaryOf(studyName, version, "validation") }))
        .filter(({ summary }) => summary?.episodes === whole)
        .sort(
          (left, right) =>
            (right.summary?.meanReturn ?? 0) - (left.summary?.meanReturn ?? 0) || left.version - right.version,
        );
      return {
        policyName: known[0].name,
        iterations,
        iteration,
        done: iteration === iterations && study.cohorts.every(({ state }) => state === "finished"),
        episodes: [...lived.values()]
          .filter(({ batch }) => batch.studyName === studyName)
          .flatMap(({ episodes }) => episodes).length,
        best: validated[0]?.version ?? null,
      };
    },
  };
}

const isUnfinished = ({ state }: CohortRecord) => state === "planned" || state === "running";
