export {
  type AgentAlgorithm,
  agentAlgorithmSchema,
  type DoubleDqnOptions,
  type PpoOptions,
} from "./agent/algorithm.js";
export { comparisonSource, comparisonStudy } from "./agent/comparison.js";
export {
  type AgentWork,
  type Environment,
  type Episode,
  type EpisodeBatch,
  type EpisodeStart,
  type Exploration,
  type PolicyUpdate,
  returnOf,
  type UpdateStatistics,
} from "./agent/domain.js";
export { type AgentEstimate, agentEstimate } from "./agent/estimate.js";
export {
  type IterationPolicies,
  type IterationWork,
  iterationWork,
  replayedIterations,
  targetVersion,
} from "./agent/plan.js";
export type {
  AgentFlow,
  AgentProgress,
  AgentReporter,
  AgentStore,
  EpisodeSummary,
  PlannedAgentStudy,
  PolicyRow,
  RecordedEpisode,
} from "./agent/ports.js";
export { requireEpisodes } from "./agent/require-episodes.js";
export { agentWorkSchema } from "./agent/schemas.js";
export { type AgentSweep, isAgentSweep, parseAgentSweep } from "./agent/sweep.js";
export { canonicalJson } from "./canonical-json.js";
export { type ControlSpec, controlKinds, controlled, isControl, shadowSeeds } from "./controls.js";
export { deviceMemory } from "./device-memory.js";
export {
  type AttemptEnd,
  type Cohort,
  type CohortState,
  type CurveChunk,
  type Evaluation,
  maxAttempts,
  type RateSpec,
  type Split,
  type StudyState,
  type TrainingOutcome,
  type TrainingReport,
  type Trial,
  type TrialOutcome,
  type TrialResult,
} from "./domain.js";
export { assertNever, InvalidArgument, InvalidSweepFile, type SweepIssue } from "./errors.js";
export { type Estimate, estimate } from "./estimate.js";
export { joinedCurve } from "./joined-curve.js";
export {
  type Check,
  type Diagnosis,
  type Laboratory,
  PolicyNotFound,
  StudyNotFound,
  type Submission,
  type Submitted,
} from "./laboratory.js";
export { createMemoryTrialQueue, type MemoryTrialQueueOptions } from "./memory-queue.js";
export { createMemoryResultStore, type MemoryResultStoreOptions } from "./memory-result-store.js";
export { carriedTexts, moduleHashes, withModules } from "./module-sources.js";
export { type Noise, noiseLabel, noiseSchema } from "./noise.js";
export { planTrials } from "./plan.js";
export { cohortWidth, planCohorts } from "./plan-cohorts.js";
export type {
  Answer,
  AttemptKey,
  AttemptReport,
  ConsumeOptions,
  Consumer,
  PlannedStudy,
  ResultStore,
  StartAnswer,
  StartAttempt,
  StudyStatus,
  SubmitResult,
  TrialCurve,
  TrialQueue,
  TrialReporter,
  TrialRow,
  Work,
} from "./ports.js";
export { cohortSchema, rateSpecSchema, trialSchema } from "./schemas.js";
export { requireSlots } from "./slots.js";
export { type Stability, stabilitySchema } from "./stability.js";
export { type NamedSchedule, noisesOf, type Sweep } from "./sweep/grid.js";
export {
  type ModuleReference,
  moduleHash,
  moduleLimits,
  moduleReferences,
  moduleTexts,
  type SweepModules,
} from "./sweep/modules.js";
export {
  canonicalPolicy,
  isPolicyReference,
  placeholderPolicy,
  readPolicy,
  type StoredPolicy,
  storedPolicy,
} from "./sweep/policies.js";
export { type Analysis, analysisSchema } from "./sweep/schema.js";
export { type ParseSweepOptions, parseSweep } from "./sweep.js";
export { version } from "./version.js";
export {
  announceEveryMs,
  type WorkerDevice,
  type WorkerNode,
  type WorkerReporter,
  type WorkerRow,
  type WorkerState,
  type WorkerStore,
  workerLostMs,
  workerStates,
} from "./workers.js";
