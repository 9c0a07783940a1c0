import type { Cohort } from "./domain.js";

const sha256 = /^[0-9a-f]{64}$/;

/** Kinds of specs that name a text by its hash: a module is code, a policy is data. */
const namingKinds: readonly unknown[] = ["module", "policy"];

/** The SHA-256 of every text that specs name, at whatever depth: `{ kind: "module", sha256, … }`; of one kind alone, if given. */
export function moduleHashes(spec: unknown, only?: "module" | "policy"): ReadonlySet<string> {
  const wanted = only === undefined ? namingKinds : [only];
  const hashes = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { kind, sha256: hash } = value as { readonly kind?: unknown; readonly sha256?: unknown };
    if (wanted.includes(kind) && typeof hash === "string" && sha256.test(hash)) hashes.add(hash);
    for (const part of Object.values(value)) visit(part);
  };
  visit(spec);
  return hashes;
}

/** The cohort with the texts of the modules and policies that its specs name, of those there are, and no others. */
export function withModules({ modules: _, ...cohort }: Cohort, sources: ReadonlyMap<string, string>): Cohort {
  const specs = new Set(cohort.trials.flatMap(({ task, optimizer, schedule }) => [task, optimizer, schedule]));
  const named = [...moduleHashes([...specs])].sort().flatMap((hash): readonly (readonly [string, string])[] => {
    const source = sources.get(hash);
    return source === undefined ? [] : [[hash, source]];
  });
  return named.length === 0 ? cohort : { ...cohort, modules: Object.fromEntries(named) };
}

/** The texts that a cohort carries: those that its specs name as policies, which are data; all others are users' code. */
export function carriedTexts({ trials, modules = {} }: Pick<Cohort, "trials" | "modules">): {
  readonly code: Readonly<Record<string, string>>;
  readonly policies: Readonly<Record<string, string>>;
} {
  const named = moduleHashes(trials, "policy");
  const [policies, code] = [true, false].map((wanted) =>
    Object.fromEntries(Object.entries(modules).filter(([hash]) => named.has(hash) === wanted)),
  );
  return { code: code ?? {}, policies: policies ?? {} };
}
