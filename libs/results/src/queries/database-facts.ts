import type { Queryable } from "../database.js";

/** What a support bundle tells of the database. */
export interface DatabaseFacts {
  /** Such as `18.4`. */
  readonly serverVersion: string;
  readonly bytes: number;
  /** Migrations applied, and when the newest of them was written. */
  readonly migrations: number;
  readonly newestMigration: Date;
  /** Estimated rows of Stride's tables. */
  readonly rows: Readonly<Record<string, number>>;
}

/** Throws when Stride's tables are not there. */
export async function databaseFacts(database: Queryable): Promise<DatabaseFacts> {
  const [facts] = await database.query<DatabaseFacts>({
    text: `
      select current_setting('server_version') as "serverVersion", pg_database_size(current_database()) as bytes,
        (select count(*) from stride.migrations) as migrations,
        (select to_timestamp(max(created_at) / 1000.0) from stride.migrations) as "newestMigration",
        (select jsonb_object_agg(relname, n_live_tup) from pg_stat_user_tables where schemaname = 'stride') as rows`,
  });
  return facts as DatabaseFacts;
}
