/** What an agent's study learned and what that cost, small enough for the repository: pure functions from what the command line prints. */
import { rounded } from "./study-digest.mjs";

/** The version with the best mean return in validation, ties to the earlier; undefined where none was validated. */
export function bestVersion(policies) {
  return policies
    .filter(({ validation }) => validation !== null)
    .reduce(
      (best, row) => (best !== undefined && best.validation.meanReturn >= row.validation.meanReturn ? best : row),
      undefined,
    )?.version;
}

/** Whether every iteration is done, the validation after the last one too. */
export function isLearned(policies, { iterations }) {
  return policies.some(({ version, validation }) => version === iterations && validation !== null);
}

/**
 * The agent, its versions and its cost, beside the cost of the study that compares it. `sweep` and `comparison.sweep` are those of
 * `status --json`, `policies` the rows of `policy list --json`, `comparison.trials` those of `results trials --json`.
 */
export function learningDigest({ sweep, policies, comparison, wallSeconds, file }) {
  const best = bestVersion(policies);
  const { study, policy, algorithm, environment, network, seed, iterations, episodes, validate, initialRate, tasks } =
    sweep;
  return {
    ...{ study, policy, best, sha256: policies.find(({ version }) => version === best).sha256, file },
    ...{
      algorithm,
      environment,
      network,
      optimizer: sweep.optimizer,
      seed,
      iterations,
      episodes,
      validate,
      initialRate,
    },
    tasks: Object.fromEntries(Object.entries(tasks).map(([split, own]) => [split, own.length])),
    versions: { version: policies.map(({ version }) => version), ...livedColumns(policies) },
    wallSeconds,
    ...costs({ policies, comparison, reference: `${policy}@${best}` }),
  };
}

/** A column a number, null where a version did not act. */
function livedColumns(policies) {
  const column = (where, key) => policies.map((row) => rounded(row[where]?.[key]));
  const columns = (where) => ({
    return: column(where, "meanReturn"),
    divergence: column(where, "divergence"),
    entropy: column(where, "entropy"),
  });
  return { training: columns("training"), validation: columns("validation") };
}

/** What learning and comparing took, and how many whole trainings, and own tuning budgets, the steps of learning are. */
function costs({ policies, comparison: { sweep, trials }, reference }) {
  const lived = (where) => policies.flatMap((row) => (row[where] === null ? [] : [row[where]]));
  const [training, validation] = [lived("training"), lived("validation")].map((parts) =>
    total(parts, ({ episodes }) => episodes),
  );
  const updates = policies.filter(({ parent }) => parent !== null);
  const schedules = sweep.schedules
    .filter(({ schedule }) => schedule.kind === "policy" && schedule.policy === reference)
    .map(({ name }) => name);
  const tuning = trials.filter(({ schedule, split }) => schedules.includes(schedule) && split === "tuning");
  const [compared, ownTuning] = [trials, tuning].map((own) => total(own, () => 1));
  const steps = training.steps + validation.steps;
  return {
    cost: {
      ...{ training, validation },
      updates: { count: updates.length, seconds: rounded(sum(updates, ({ statistics }) => statistics.seconds)) },
    },
    comparison: { study: sweep.study, schedules, trials: compared, ownTuning },
    equals: {
      trainings: rounded(steps / sweep.steps),
      ownTunings: ownTuning.steps === 0 ? null : rounded(steps / ownTuning.steps),
    },
  };
}

function total(parts, trainingsOf) {
  return {
    trainings: sum(parts, trainingsOf),
    steps: sum(parts, ({ steps }) => steps),
    forwardPasses: sum(parts, ({ forwardPasses }) => forwardPasses),
    backwardPasses: sum(parts, ({ backwardPasses }) => backwardPasses),
    seconds: rounded(sum(parts, ({ seconds }) => seconds)),
  };
}

const sum = (items, of) => items.reduce((so, item) => so + (of(item) ?? 0), 0);
