import { resultStoreContract, workersContract } from "@stride/experiment/contracts";
import { afterAll, beforeAll, describe } from "vitest";
import { type TestDatabase, testDatabase } from "../test/test-database.js";

describe("the contract on Postgres", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database[Symbol.asyncDispose]());
  resultStoreContract(() => database.open());
  workersContract(() => database.open());
});
