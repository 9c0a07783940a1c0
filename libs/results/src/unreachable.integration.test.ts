import { createServer } from "node:net";
import { InvalidArgument } from "@stride/experiment";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../test/test-database.js";
import { DatabaseUnreachable, openResultStore } from "./index.js";

const secret = "s3cret/&+:word";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

/** The database's URL with some of it changed. */
function urlWith(change: Partial<Pick<URL, "port" | "pathname" | "username" | "password" | "hostname">>): string {
  const url = new URL(database.url);
  Object.assign(url, { password: encodeURIComponent(secret), ...change });
  return url.href;
}

/** A port of this machine that nothing listens on. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return String(address.port);
}

async function failureOf(url: string): Promise<Error> {
  const error = await openResultStore({ url }).then(
    () => new Error("it opened"),
    (reason: Error) => reason,
  );
  for (let part: unknown = error; part instanceof Error; part = part.cause) {
    expect(`${part.message} ${part.stack} ${JSON.stringify(part)}`).not.toContain(secret);
    expect(`${part.message} ${part.stack} ${JSON.stringify(part)}`).not.toContain(encodeURIComponent(secret));
  }
  return error;
}

describe("a database that cannot be used is DatabaseUnreachable, in one line without the password", () => {
  const where = () => new URL(database.url);
  it.each([
    {
      what: "a port that nothing listens on",
      url: async () => urlWith({ port: await closedPort() }),
      says: "nothing listens there: start Postgres or check the address",
    },
    {
      what: "a wrong password",
      url: async () => urlWith({}),
      says: "it refused the login: check user, password and pg_hba.conf",
    },
    {
      what: "no password",
      url: async () => urlWith({ password: "" }),
      says: "it refused the login: check user, password and pg_hba.conf",
    },
    {
      what: "an unknown user",
      url: async () => urlWith({ username: "nobody" }),
      says: "it refused the login: check user, password and pg_hba.conf",
    },
    {
      what: "a missing database",
      url: async () => urlWith({ pathname: "/nowhere", password: where().password }),
      says: "there is no such database: create it (createdb) or check the name",
    },
    {
      what: "a host that does not exist",
      url: async () => urlWith({ hostname: "nowhere.invalid" }),
      says: /there is no such host: check the address|cannot be resolved now/,
    },
  ])("$what", async ({ url, says }) => {
    const target = new URL(await url());
    const error = await failureOf(target.href);
    expect(error).toBeInstanceOf(DatabaseUnreachable);
    expect(error.message).toMatch(says);
    expect(error.message).toContain(`cannot use Postgres at ${target.host}${target.pathname}: `);
    expect(error.message).not.toContain("\n");
  });

  it("a server that goes away before it answers", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = address === null || typeof address === "string" ? "" : String(address.port);
    expect(await failureOf(urlWith({ hostname: "127.0.0.1", port }))).toBeInstanceOf(DatabaseUnreachable);
    server.close();
  });
});

it.each([
  "",
  "results",
  "http://localhost/stride",
  "postgres://localhost:99999/x",
  `postgres://u:100%${secret.slice(0, 6)}@h/x`,
])("a URL that is none is an InvalidArgument: %s", async (url) => {
  const error = await failureOf(url);
  expect(error).toBeInstanceOf(InvalidArgument);
  expect(error.message).toBe(
    "the database's URL must be of the form postgres://user:password@host:5432/database, special characters as %XX",
  );
});
