import {
  type AgentStore,
  InvalidSweepFile,
  type ModuleReference,
  moduleReferences,
  type PolicyRow,
  type StoredPolicy,
  type Submission,
  type SweepIssue,
  storedPolicy,
} from "@stride/experiment";

/**
 * A submission with the texts of the policies that its file names as NAME@VERSION, as the database has them, whatever came with it.
 * Throws `InvalidSweepFile` with every reference that names none.
 */
export async function withStoredPolicies(
  submission: Submission,
  store: Pick<AgentStore, "policies" | "policyText">,
): Promise<Submission> {
  const { source, file, modules = { sources: {}, costs: {} } } = submission;
  const issues: SweepIssue[] = [];
  const texts: Record<string, string> = {};
  for (const { reference, named } of storedReferences(moduleReferences(source, { file }))) {
    const text = await store.policyText(named.name, named.version);
    if (text !== undefined) texts[reference.path] = text;
    else issues.push({ ...reference.place, message: absence(named, await store.policies()) });
  }
  if (issues.length > 0) throw new InvalidSweepFile(file, issues);
  if (Object.keys(texts).length === 0) return submission;
  return { ...submission, modules: { ...modules, sources: { ...modules.sources, ...texts } } };
}

function storedReferences(references: readonly ModuleReference[]) {
  return references.flatMap((reference) => {
    const named = reference.kind === "policy" ? storedPolicy(reference.path) : undefined;
    return named === undefined ? [] : [{ reference, named }];
  });
}

/** Why there is no such policy, and which there are. */
export function absence(
  { name, version }: StoredPolicy,
  policies: readonly Pick<PolicyRow, "name" | "version">[],
): string {
  const versions = policies.filter((policy) => policy.name === name).map((policy) => policy.version);
  if (versions.length > 0) {
    const last = Math.max(...versions);
    return `there is no version ${version} of the policy ${name}; there are 0 to ${last}`;
  }
  const names = [...new Set(policies.map((policy) => policy.name))];
  return `there is no policy named ${name}; there ${names.length === 0 ? "is none yet" : `are ${names.join(", ")}`}`;
}
