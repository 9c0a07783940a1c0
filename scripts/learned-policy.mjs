/** Reads what an agent's study learned, and keeps its policy with the repository. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { canonicalPolicy } from "@stride/experiment";
import { stride, strideText } from "./ask-stride.mjs";
import { bestVersion, isLearned } from "./learning-digest.mjs";
import { root } from "./results-folder.mjs";

/** The rows of all versions. Throws where iterations are to come. */
export async function learnedPolicies(sweep) {
  const policies = await stride("policy", "list", sweep.policy);
  if (isLearned(policies, sweep)) return policies;
  throw new Error(
    `${sweep.study} is not finished: it has ${policies.length - 1} of ${sweep.iterations} updates, or is to validate the last`,
  );
}

/**
 * Where the best version is kept, from the repository's root: sweeps/policies/NAME.json, written anew where `write` asks for it. Null
 * where that file is not there or is another policy.
 */
export async function keptPolicy({ policy }, policies, { write }) {
  const best = bestVersion(policies);
  const { sha256 } = policies.find(({ version }) => version === best);
  const name = `sweeps/policies/${policy}.json`;
  const file = join(root, name);
  if (write) {
    const text = await strideText("policy", "export", `${policy}@${best}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return existsSync(file) && hashOf(readFileSync(file, "utf8")) === sha256 ? name : null;
}

function hashOf(text) {
  return createHash("sha256").update(canonicalPolicy(text)).digest("hex");
}
