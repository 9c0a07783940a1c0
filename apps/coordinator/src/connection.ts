import { existsSync } from "node:fs";
import { startEmbeddedPostgres } from "@stride/embedded-postgres";
import type { Laboratory } from "@stride/experiment";
import type { PostgresResultStore } from "@stride/results";
import type { WinRateQuestion } from "@stride/rpc";
import type { WinRate } from "@stride/statistics";
import { Unreachable } from "./exit-codes.js";
import { postgresFolder, type Settings } from "./settings.js";

// Each service's client is loaded when it is first wanted: together they take a second, which `--help` need not wait for.

export type StrideLaboratory = Laboratory<WinRateQuestion, WinRate>;

/** A Postgres that answers: the one that is set, or the embedded one, started here if nobody else runs it. */
export interface Database extends AsyncDisposable {
  readonly url: string;
  /** Where the results lie, for people: never a password. */
  readonly place: string;
}

export interface OpenOptions {
  /** Whether the embedded database may be made; commands that only read refuse when there is none yet. */
  readonly create: boolean;
}

export async function openDatabase(settings: Settings, { create }: OpenOptions): Promise<Database> {
  if (settings.databaseUrl !== undefined) {
    return { url: settings.databaseUrl, place: placeOf(settings.databaseUrl), [Symbol.asyncDispose]: async () => {} };
  }
  const directory = postgresFolder(settings);
  if (!create && !existsSync(directory)) {
    throw new Unreachable(
      `there is no database in ${settings.home} yet: run a study first (stride run sweeps/quickstart.yaml), ` +
        "or set STRIDE_HOME, STRIDE_DATABASE_URL or STRIDE_COORDINATOR",
    );
  }
  const embedded = await startEmbeddedPostgres({ directory });
  return {
    url: embedded.url,
    place: `the embedded Postgres in ${directory}`,
    [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose](),
  };
}

/** The result store on that database, its migrations applied. */
export async function openStore(
  settings: Settings,
  options: OpenOptions,
): Promise<{ readonly database: Database; readonly store: PostgresResultStore } & AsyncDisposable> {
  const database = await openDatabase(settings, options);
  try {
    const { openResultStore } = await import("@stride/results");
    const store = await openResultStore({
      url: database.url,
      migrate: settings.migrate,
      onNotice: (notice) => console.error(`note: ${notice}`),
    });
    return {
      database,
      store,
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        await database[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** The laboratory these settings mean: a coordinator over gRPC when one is set, else the database itself. */
export async function openLaboratory(
  settings: Settings,
  options: OpenOptions,
): Promise<{ readonly laboratory: StrideLaboratory } & AsyncDisposable> {
  if (settings.coordinator !== undefined) {
    const { clientSecurity, createLaboratoryClient } = await import("@stride/rpc");
    const security = { token: settings.token, ...settings.clientSecurity };
    const client = createLaboratoryClient({
      address: settings.coordinator,
      ...clientSecurity(security, { onWarning: (message) => console.error(`warning: ${message}`) }),
    });
    return { laboratory: client, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
  }
  const opened = await openStore(settings, options);
  const { createLocalLaboratory } = await import("./local-laboratory.js");
  return {
    laboratory: createLocalLaboratory({ store: opened.store, allowModules: settings.allowModules }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** Host, port and database of a URL, without user and password. */
export function placeOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
