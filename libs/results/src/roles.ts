import type pg from "pg";
import { codeOf } from "./errors.js";

/**
 * Roles that cannot log in themselves but may be granted to users who can, and what each may do with the tables and views of the schema
 * `stride`. The queue's role is made here, since roles belong to the whole server, and gets its rights where the queue is (libs/queue).
 */
const roles = {
  /** The coordinator's: reads and writes rows, changes no table. */
  stride_coordinator: ["select", "insert", "update", "delete"],
  /** An analyst's, an autoscaler's. */
  stride_reader: ["select"],
  /** A worker's, where the queue is on Postgres: nothing here. */
  stride_worker: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Not allowed to make roles; made by another process meanwhile (two codes). */
const refused = "42501";
const madeMeanwhile = new Set(["42710", "23505"]);

/** Makes the roles and grants what is missing. Returns a notice when this user may not make roles and nobody has. */
export async function grantRoles(connection: pg.PoolClient): Promise<string | undefined> {
  const missing: string[] = [];
  for (const [role, privileges] of Object.entries(roles)) {
    const access = await accessOf(connection, role, privileges);
    if (access === "granted") continue;
    if (access === "none" && !(await makeRole(connection, role))) missing.push(role);
    else await grant(connection, role, privileges);
  }
  if (missing.length === 0) return undefined;
  return `the roles ${missing.join(", ")} were not made: this user may not create roles (docs/results-schema.md)`;
}

/** False when this user may not. */
async function makeRole(connection: pg.PoolClient, role: string): Promise<boolean> {
  try {
    await connection.query(`create role ${role} nologin`);
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (code === refused) return false;
    if (!madeMeanwhile.has(code)) throw error;
  }
  return true;
}

async function grant(connection: pg.PoolClient, role: string, privileges: readonly string[]): Promise<void> {
  if (privileges.length === 0) return;
  const list = privileges.join(", ");
  await connection.query(`
    grant usage on schema stride to ${role};
    grant ${list} on all tables in schema stride to ${role};
    revoke insert, update, delete on stride.migrations from ${role};
    alter default privileges in schema stride grant ${list} on tables to ${role}`);
}

/** Views are read alone, and what was migrated is the owner's to write. */
async function accessOf(
  connection: pg.PoolClient,
  role: string,
  privileges: readonly string[],
): Promise<"none" | "made" | "granted"> {
  const { rows } = await connection.query(
    `select not exists (
      select from pg_class c, unnest($2::text[]) as p (privilege)
      where c.relnamespace = 'stride'::regnamespace and c.relkind in ('r', 'v')
        and (p.privilege = 'select' or c.relkind = 'r' and c.relname <> 'migrations')
        and not has_table_privilege(r.oid, c.oid, p.privilege)
    ) as granted
    from pg_roles r where r.rolname = $1`,
    [role, privileges],
  );
  if (rows.length === 0) return "none";
  return rows[0].granted ? "granted" : "made";
}
