import { Socket } from "node:net";
import pg from "pg";
import { codeOf, DatabaseUnreachable, translated } from "./errors.js";

/** One SQL statement with its parameters; a name has Postgres keep its plan for the connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  /** A Buffer is sent in Postgres' binary form, anything else as text. */
  readonly values?: readonly unknown[];
}

/** Runs statements: each on its own, or all in one transaction. */
export interface Queryable {
  query<Row>(statement: Statement): Promise<readonly Row[]>;
}

export interface Database extends Queryable, AsyncDisposable {
  /** Host, port and database, for messages. */
  readonly place: string;
  /** Runs `work` in one transaction, again from the start when Postgres gave up on it for a deadlock or a conflict. */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result>;
  /** Lends one connection. */
  withConnection<Result>(work: (connection: pg.PoolClient) => Promise<Result>): Promise<Result>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly connections: number;
}

/** A pool of connections. Connects at the first query; an error of the connection itself is a `DatabaseUnreachable`. */
export function openDatabase({ url, connections }: DatabaseOptions): Database {
  const place = placeOf(url);
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      return socket.once("close", () => sockets.delete(socket));
    },
    application_name: "stride-results",
    types: { getTypeParser: typeParser } as pg.CustomTypesConfig,
    // Compiling a query costs more than any of ours takes.
    onConnect: async (client) => {
      await client.query("set jit = off");
    },
  });
  pool.on("error", () => undefined); // An idle connection broke: the next query opens another.

  async function withConnection<Result>(work: (connection: pg.PoolClient) => Promise<Result>): Promise<Result> {
    let connection: pg.PoolClient | undefined;
    let broken = false;
    const onBroken = () => {
      broken = true;
    };
    try {
      connection = await pool.connect();
      connection.on("error", onBroken);
      return await work(connection);
    } catch (error) {
      const reason = translated(error, place);
      broken ||= reason instanceof DatabaseUnreachable; // Before its socket says so: nobody else may get it.
      throw reason;
    } finally {
      connection?.off("error", onBroken);
      connection?.release(broken);
    }
  }

  return {
    place,
    withConnection,
    query: (statement) => again(() => withConnection((connection) => run(connection, statement))),
    transaction: (work) =>
      again(() =>
        withConnection(async (connection) => {
          await connection.query("begin");
          try {
            const result = await work({ query: (statement) => run(connection, statement) });
            await connection.query("commit");
            return result;
          } catch (error) {
            await connection.query("rollback").catch(() => undefined);
            throw error;
          }
        }),
      ),
    async [Symbol.asyncDispose]() {
      await pool.end();
      for (const socket of sockets) socket.destroy(); // The driver leaves a login open that it gave up half-way.
    },
  };
}

async function run<Row>(connection: pg.PoolClient, { name, text, values }: Statement): Promise<readonly Row[]> {
  const { rows } = await connection.query({
    text,
    ...(name === undefined ? {} : { name }),
    ...(values === undefined ? {} : { values: [...values] }),
  } as pg.QueryConfig);
  return rows as readonly Row[];
}

const conflicts = new Set(["40001", "40P01"]);
const mostTries = 5;

async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === mostTries || !conflicts.has(codeOf(error) ?? "")) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5 * 2 ** tries));
    }
  }
}

/** Our int8 columns hold what a JavaScript number can: seeds, counts and passes. */
const int8 = 20;

function typeParser(type: number, format?: "text" | "binary"): unknown {
  return type === int8 ? Number : pg.types.getTypeParser(type, format ?? "text");
}

/** Host, port and database of a URL, without user and password. */
function placeOf(url: string): string {
  const { host, pathname, searchParams } = new URL(url);
  return `${searchParams.get("host") ?? host}${pathname}`;
}
