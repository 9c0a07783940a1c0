import type { Queryable } from "../database.js";

/** Keeps the sources of modules by their SHA-256; one that is there already is the same. */
export async function putModules(transaction: Queryable, sources: Readonly<Record<string, string>>): Promise<void> {
  const hashes = Object.keys(sources).sort(); // In one order everywhere, so that no two submissions wait for each other.
  if (hashes.length === 0) return;
  await transaction.query({
    text: `
      insert into stride.modules (sha256, source)
      select sha256, source from unnest($1::text[], $2::text[]) as m (sha256, source)
      on conflict do nothing`,
    values: [hashes, hashes.map((hash) => sources[hash])],
  });
}
