import type pg from "pg";

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Stride's tables with their columns; each after those that it refers to. What was migrated is not data. */
export async function tablesInOrder(connection: pg.ClientBase): Promise<readonly Table[]> {
  const { rows: tables } = await connection.query<Table & { readonly needs: readonly string[] }>(`
    select c.relname as name,
      (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      array(select distinct f.relname::text from pg_constraint k join pg_class f on f.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as needs
    from pg_class c
    where c.relnamespace = 'stride'::regnamespace and c.relkind = 'r' and c.relname <> 'migrations'
    order by c.relname`);
  const ordered: Table[] = [];
  const done = new Set<string>();
  while (ordered.length < tables.length) {
    const ready = tables.filter(({ name, needs }) => !done.has(name) && needs.every((other) => done.has(other)));
    if (ready.length === 0) throw new Error("the tables refer to each other in a circle");
    for (const { name, columns } of ready) {
      done.add(name);
      ordered.push({ name, columns });
    }
  }
  return ordered;
}
