import type { Queryable } from "../database.js";

/** Sources by SHA-256, of those of these modules that are there. */
export async function moduleSources(
  database: Queryable,
  hashes: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  if (hashes.size === 0) return new Map();
  const rows = await database.query<{ readonly sha256: string; readonly source: string }>({
    text: "select sha256, source from stride.modules where sha256 = any($1::text[])",
    values: [[...hashes]],
  });
  return new Map(rows.map(({ sha256, source }) => [sha256, source]));
}
