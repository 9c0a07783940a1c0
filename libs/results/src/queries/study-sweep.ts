import type { Queryable } from "../database.js";

/** The sweep a study was last submitted with, as plain JSON; undefined when there is no such study. */
export async function studySweep(database: Queryable, name: string): Promise<{ readonly sweep: unknown } | undefined> {
  const [study] = await database.query<{ readonly sweep: unknown }>({
    text: "select sweep from stride.studies where name = $1",
    values: [name],
  });
  return study;
}
