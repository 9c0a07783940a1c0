import { agentStoreContract } from "@stride/experiment/contracts";
import { afterAll, beforeAll, describe } from "vitest";
import { type TestDatabase, testDatabase } from "../../test/test-database.js";

describe("the contract of agents' studies on Postgres", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database[Symbol.asyncDispose]());
  agentStoreContract(() => database.open());
});
