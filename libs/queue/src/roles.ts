/** The part of a Postgres pool that grants need. */
interface Queryable {
  query(text: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Lets Stride's roles (libs/results makes them) use the queue's tables, as far as this user owns them and they may not already. */
export async function grantQueue(pool: Queryable): Promise<void> {
  const { rows } = await pool.query(`
    select r.rolname as role from pg_roles r
    where r.rolname in ('stride_coordinator', 'stride_worker')
      and (select pg_has_role(current_user, nspowner, 'usage') from pg_namespace where nspname = 'bullmq')
      and exists (
        select from pg_class c
        where c.relnamespace = 'bullmq'::regnamespace
          and (c.relkind = 'r' and not has_table_privilege(r.oid, c.oid, 'delete')
            or c.relkind = 'S' and not has_sequence_privilege(r.oid, c.oid, 'usage'))
      )`);
  for (const row of rows) {
    const { role } = row as { readonly role: string };
    await pool.query(`
      grant usage on schema bullmq to ${role};
      grant select, insert, update, delete on all tables in schema bullmq to ${role};
      grant usage on all sequences in schema bullmq to ${role}`);
  }
}
