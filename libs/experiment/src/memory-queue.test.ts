import { describe } from "vitest";
import { trialQueueContract } from "./contracts/trial-queue-contract.js";
import { createMemoryTrialQueue } from "./memory-queue.js";

describe("in memory", () => trialQueueContract(async () => createMemoryTrialQueue()));
