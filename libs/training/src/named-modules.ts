import { type Cohort, carriedTexts, moduleHash, readPolicy } from "@stride/experiment";
import { type LoadedModules, loadModules } from "@stride/tasks";

/**
 * What the specs of a cohort name by hash, in one map: users' modules as their default exports, which runs them, and policies as
 * documents, which are data and never run. Throws for a text that is not what its hash says, or is none of its kind.
 */
export async function loadNamed(cohort: Pick<Cohort, "trials" | "modules">): Promise<LoadedModules> {
  const { code, policies } = carriedTexts(cohort);
  const documents = Object.entries(policies).map(([hash, text]) => {
    const found = moduleHash(text);
    if (found !== hash) throw new Error(`a policy's text has the hash ${found} and should have ${hash}`);
    return [hash, readPolicy(text)] as const;
  });
  return new Map<string, unknown>([...(await loadModules(code)), ...documents]);
}
