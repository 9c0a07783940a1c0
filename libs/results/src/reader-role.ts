import type pg from "pg";
import { codeOf } from "./errors.js";

/** Not allowed to make roles; made by another process meanwhile (two codes). */
const refused = "42501";
const madeMeanwhile = new Set(["42710", "23505"]);

/**
 * Makes the role `stride_reader`, which cannot log in itself but may be granted to people who can, and lets it read the
 * schema `stride` and nothing else. Returns a notice when this user may not make roles and nobody has.
 */
export async function grantReader(connection: pg.PoolClient): Promise<string | undefined> {
  const reader = await readerAccess(connection);
  if (reader === "granted") return undefined;
  if (reader === "none") {
    try {
      await connection.query("create role stride_reader nologin");
    } catch (error) {
      const code = codeOf(error) ?? "";
      if (code === refused) {
        return "the read-only role stride_reader was not made: this user may not create roles (docs/results-schema.md)";
      }
      if (!madeMeanwhile.has(code)) throw error;
    }
  }
  await connection.query(`
    grant usage on schema stride to stride_reader;
    grant select on all tables in schema stride to stride_reader;
    alter default privileges in schema stride grant select on tables to stride_reader`);
  return undefined;
}

async function readerAccess(connection: pg.PoolClient): Promise<"none" | "made" | "granted"> {
  const { rows } = await connection.query(`
    select not exists (
      select from pg_class c
      where c.relnamespace = 'stride'::regnamespace and c.relkind in ('r', 'v') and not has_table_privilege(r.oid, c.oid, 'select')
    ) as granted
    from pg_roles r where r.rolname = 'stride_reader'`);
  if (rows.length === 0) return "none";
  return rows[0].granted ? "granted" : "made";
}
