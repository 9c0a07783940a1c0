import { featureNames } from "@stride/schedules/spec";
import { taskTraits } from "@stride/tasks/spec";
import { canonicalJson } from "../canonical-json.js";
import { InvalidSweepFile } from "../errors.js";
import type { Issue } from "../sweep/issue.js";
import { moduleReferences } from "../sweep/modules.js";
import { placeholderPolicy } from "../sweep/policies.js";
import { limits } from "../sweep/schema.js";
import { parseSweep } from "../sweep.js";
import { comparisonSource, comparisonStudy } from "./comparison.js";
import { agentEstimate } from "./estimate.js";
import type { AgentSweep } from "./sweep.js";

/** What no single field of an agent's sweep shows. Paths as in the file. */
export function checkAgent(sweep: AgentSweep): Issue[] {
  return [...wrongSteps(sweep), ...wrongActions(sweep), ...wrongBounds(sweep), ...excess(sweep)];
}

function wrongSteps({ environment: { steps, every } }: AgentSweep): Issue[] {
  if (steps % every === 0 && steps >= 2 * every) return [];
  const message = `must be a multiple of agent.decide.every, which is ${every}, and at least twice it, got ${steps}`;
  return [{ path: ["steps"], message }];
}

function wrongActions({ algorithm, environment: { actions }, episodes, iterations }: AgentSweep): Issue[] {
  if (algorithm.kind === "ppo") return [];
  if (actions.kind === "continuous") {
    const message = `must be discrete for ${algorithm.kind}, got continuous: ppo alone has continuous actions`;
    return [{ path: ["agent", "decide", "actions"], message }];
  }
  if (algorithm.kind !== "best-constant") return [];
  const issues: Issue[] = [];
  if (iterations !== 1) {
    issues.push({
      path: ["agent", "iterations"],
      message: `must be 1 for best-constant, which one finds, got ${iterations}`,
    });
  }
  const { length } = actions.factors;
  if (episodes.each % length !== 0) {
    const message = `must be a multiple of the ${length} actions for best-constant, so that each is tried as often, got ${episodes.each}`;
    issues.push({ path: ["agent", "episodes", "each"], message });
  }
  return issues;
}

function wrongBounds({ environment: { sees, stability }, tasks, optimizer }: AgentSweep): Issue[] {
  const at = stability === undefined ? ["agent", "sees"] : ["agent"];
  if (stability === undefined && !sees.bound) return [];
  const all = [...tasks.train, ...tasks.validation, ...tasks.test];
  const without = all.find((task) => !taskTraits(task).stabilityBound);
  if (without !== undefined) {
    return [{ path: at, message: `cannot have a stability bound on tasks of kind ${without.kind}: nmf alone has one` }];
  }
  const plain = optimizer.kind === "sgd" && optimizer.momentum === 0 && optimizer.weightDecay === 0;
  if (plain) return [];
  const message =
    "cannot have a stability bound with this optimizer: it is that of { kind: sgd } without momentum and weight decay";
  return [{ path: at, message }];
}

function excess(sweep: AgentSweep): Issue[] {
  const { episodes, steps } = agentEstimate(sweep);
  if (episodes > limits.trials) {
    return [{ path: ["agent"], message: `must have at most ${limits.trials} episodes, got ${episodes}` }];
  }
  if (steps <= limits.stepsOfAllTrials) return [];
  const got = `${steps} (${episodes} episodes × ${sweep.environment.steps} steps)`;
  return [{ path: ["steps"], message: `of all episodes must be at most ${limits.stepsOfAllTrials}, got ${got}` }];
}

/** What is wrong in the comparison, as an ordinary sweep. */
export function checkComparison(sweep: AgentSweep): Issue[] {
  const text = comparisonSource(sweep, 0);
  if (text === undefined) return [];
  if (Object.hasOwn(sweep.comparison ?? {}, "study")) {
    const message = `is no key here: the comparison is the study ${comparisonStudy(sweep)}`;
    return [{ path: ["comparison", "study"], message }];
  }
  try {
    const references = moduleReferences(text);
    const code = references.find(({ kind, path }) => kind === "module" || path.endsWith(".json"));
    if (code !== undefined) {
      const message = `must not name files: got ${code.path}; compare it in a sweep file of its own`;
      return [{ path: ["comparison", ...pathOf(code.place.path)], message }];
    }
    const stand = policyLike(sweep);
    const sources = Object.fromEntries(references.map(({ path }) => [path, stand]));
    parseSweep(text, { modules: { sources, costs: {} } });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidSweepFile)) throw error;
    return error.issues.map(({ path, message }) => {
      // The name follows from the agent's.
      return { path: path === "study" ? ["study"] : ["comparison", ...pathOf(path)], message };
    });
  }
}

/** Any policy that decides as often and sees as much as the learned one will: a combination that cannot be is refused before it is learned. */
function policyLike({ environment: { every, sees } }: AgentSweep): string {
  const zeros = featureNames(sees).map(() => 0);
  return canonicalJson({
    ...JSON.parse(placeholderPolicy),
    every,
    sees,
    normalisation: { count: 0, mean: zeros, deviation: zeros.map(() => 1) },
    actor: [{ weights: zeros.map(() => [0]), biases: [0] }],
  });
}

/** `schedules[0].factor` → `["schedules", 0, "factor"]`. */
function pathOf(text: string): (string | number)[] {
  return text
    .split(/[.[\]]/)
    .filter((part) => part !== "")
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
