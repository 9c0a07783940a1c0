import type { Queryable } from "../database.js";

/** Remembers the trace that brought a study its newest work. */
export async function keepTrace(
  transaction: Queryable,
  { studyKey, traceParent }: { readonly studyKey: number; readonly traceParent: string | undefined },
): Promise<void> {
  if (traceParent === undefined) return;
  await transaction.query({
    text: "update stride.studies set trace_parent = $2 where study_key = $1",
    values: [studyKey, traceParent],
  });
}

/** The traces of these studies, by their names; those that were never traced are left out. */
export async function traceParents(
  database: Queryable,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query<{ readonly name: string; readonly traceParent: string }>({
    name: "trace-parents",
    text: `
      select name, trace_parent as "traceParent" from stride.studies
      where name = any($1::text[]) and trace_parent is not null`,
    values: [names],
  });
  return new Map(rows.map(({ name, traceParent }) => [name, traceParent]));
}
