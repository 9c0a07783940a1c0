import { moduleReferences, placeholderPolicy, type SweepModules } from "@stride/experiment";

/** Stands for every policy that a sweep's text names, where it is no matter which they are. */
export function placeholderModules(source: string): SweepModules {
  return {
    sources: Object.fromEntries(moduleReferences(source).map(({ path }) => [path, placeholderPolicy])),
    costs: {},
  };
}
