export { agentStoreContract } from "./contracts/agent-contract.js";
export { type SampleAgentOptions, sampleAgentStudy, sampleEpisodes } from "./contracts/agent-samples.js";
export type { AgentResultStore } from "./contracts/agent-steps.js";
export { type SampleFlowOptions, sampleBatch, sampleFlow } from "./contracts/flow-samples.js";
export { inbox, type TestInbox } from "./contracts/inbox.js";
export { resultStoreContract } from "./contracts/result-store-contract.js";
export {
  type SampleCohortOptions,
  type SampleStudyOptions,
  sampleCohort,
  sampleReport,
  sampleResults,
  sampleStudy,
} from "./contracts/samples.js";
export { trialQueueContract } from "./contracts/trial-queue-contract.js";
export { workersContract } from "./contracts/workers-contract.js";
