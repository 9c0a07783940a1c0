/** What was learned, as Markdown: pure functions from a digest to text. Every number in it comes from the digest. */
import { formatSeconds, markdownTable } from "./results-page.mjs";

const algorithms = {
  ppo: "PPO",
  "double-dqn": "double DQN",
  random: "the random floor, which learns nothing",
  "best-constant": "the floor of the best constant action",
};
const signals = {
  train: "the fall of the mean log training loss",
  evaluation: "the fall of the log held-out loss",
};

const count = (number) => number.toLocaleString("en-US");
const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;
const digits = (number) => (number === null || number === undefined ? "–" : String(Number(number.toPrecision(4))));
const times = (number) => count(Number(number.toPrecision(4)));
const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);
/** a, b and c. */
const listed = (items, last) =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} ${last} ${items.at(-1)}`;

const named = (schedules) =>
  listed(
    schedules.map((name) => `\`${name}\``),
    "and",
  );

/** The generated part under "What was learned". `pictures` are { kind, file, title } in their order. */
export function learnedSection({ learning }, pictures) {
  return [
    whatItIs(learning),
    decides(learning),
    teaching(learning),
    ...pictures.filter(({ kind }) => kind === "returns").map(({ title, file }) => `![${title}](${file})`),
    "### Versions that were validated",
    versionTable(learning),
    "A return is how far the log loss fell from the first decision on, less what a divergence costs: 2.3 is a loss ten times smaller. " +
      "Training explores, validation acts as in use. Entropy is that of training, in nats.",
    "### What learning cost",
    costTable(learning),
    charged(learning),
  ].join("\n\n");
}

function whatItIs({ policy, best, sha256, file, algorithm, iterations, versions }) {
  const name = algorithms[algorithm.kind] ?? algorithm.kind;
  const validated = versions.validation.return.filter((value) => value !== null).length;
  const reference = `${policy}@${best}`;
  const place =
    file === null
      ? `\`npx stride policy export ${reference} -o ${policy}.json\` writes it where the study was run`
      : `It is kept as [${file}](../../${file}), which a sweep file beside that folder names as \`{ kind: policy, policy: ${file.replace(/^sweeps\//, "./")} }\``;
  return (
    `**\`${reference}\`**, by ${name}: of the ${plural(validated, "version")} that were validated in the course of ${plural(iterations, "update")}, ` +
    "the one with the highest mean return " +
    `in validation; the comparison below is with it. ${place}. The SHA-256 of its canonical JSON is \`${sha256}\`.`
  );
}

function decides({ environment, initialRate }) {
  const { steps, every, actions, range, sees, reward, stability } = environment;
  const factor =
    actions.kind === "discrete"
      ? listed(actions.factors.map(String), "or")
      : `any factor from ${digits(1 / actions.most)} to ${actions.most}`;
  const more = [
    ...(sees.gradients ? ["norms of gradients"] : []),
    ...(sees.bound ? ["the distance to the stability bound"] : []),
  ];
  const held = stability?.clip
    ? ` Every step's rate is held to ${digits(stability.fraction)} times the ${stability.bound} bound.`
    : "";
  const rates = stability?.start ? "times the bound at the first step" : "";
  return (
    `**Decisions.** After every ${every} of ${count(steps)} steps the rate is multiplied by ${factor}, within ${range.lowest} to ` +
    `${count(range.highest)} times the first rate, which is drawn from ${initialRate.from} to ${initialRate.to}${rates === "" ? "" : ` ${rates}`}.${held} It sees ` +
    `${listed(["the training loss", "the rate", "the share of the steps that is used", ...more], "and")}, ` +
    "[none of it with a scale](../learning-a-schedule.md#what-it-sees). " +
    `**Reward:** ${signals[reward.signal]} over the ${every} steps that follow; a loss that is not finite ends the episode and costs ${reward.divergencePenalty}.`
  );
}

function teaching({ algorithm, network, episodes, validate, tasks, iterations, seed }) {
  const { kind, ...options } = algorithm;
  const chosen = Object.keys(options).length === 0 ? "" : ` Of ${algorithms[kind] ?? kind}: ${words(options)}.`;
  return (
    `**Learning.** ${plural(iterations, "iteration")} of ${episodes.batches} × ${episodes.each} episodes on ${plural(tasks.train, "task")}; ` +
    `${validate.every === 1 ? "for every version" : `every ${validate.every} versions and at the end`}, ${plural(validate.each, "validation episode")} on each of ` +
    `${plural(tasks.validation, "other task")}, the same for every version. ` +
    `Hidden units ${listed(network.hidden.map(String), "and") || "none"}, seed ${seed}.${chosen}`
  );
}

/** { clip: 0.2, epsilon: { from: 1 } } as "clip 0.2, epsilon from 1". */
function words(options) {
  return Object.entries(options)
    .map(([name, value]) => {
      const spoken = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      return `${spoken} ${typeof value === "object" && value !== null ? words(value) : value}`;
    })
    .join(", ");
}

function versionTable({ versions, best }) {
  const { version, training, validation } = versions;
  const places = version.map((_, place) => place).filter((place) => validation.return[place] !== null);
  return markdownTable(
    [
      ["version", "right", (place) => version[place]],
      ["return in validation", "right", (place) => digits(validation.return[place])],
      ["diverged", "right", (place) => percent(validation.divergence[place])],
      ["return in training", "right", (place) => digits(training.return[place])],
      ["diverged", "right", (place) => percent(training.divergence[place])],
      ["entropy", "right", (place) => digits(training.entropy[place])],
      ["note", "left", (place) => (version[place] === best ? "**best**" : "")],
    ],
    places,
  );
}

function costTable({ cost, comparison }) {
  const { training, validation, updates } = cost;
  const updating = { what: `learning: ${plural(updates.count, "update")}`, seconds: updates.seconds };
  return markdownTable(
    [
      ["what", "left", ({ what }) => what],
      ["trainings", "right", ({ trainings }) => shown(trainings)],
      ["steps", "right", ({ steps }) => shown(steps)],
      ["forward passes", "right", ({ forwardPasses }) => shown(forwardPasses)],
      ["backward passes", "right", ({ backwardPasses }) => shown(backwardPasses)],
      ["seconds", "right", ({ seconds }) => (seconds === null ? "–" : formatSeconds(seconds))],
    ],
    [
      { what: "learning: training episodes", ...training },
      { what: "learning: validation episodes", ...validation },
      updating,
      { what: "comparison: all trials", ...comparison.trials },
      ...(comparison.ownTuning.trainings === 0
        ? []
        : [{ what: `comparison: tuning of ${named(comparison.schedules)} alone`, ...comparison.ownTuning }]),
    ],
  );
}

const shown = (number) => (number === undefined ? "–" : count(number));

function charged({ cost, comparison, equals, wallSeconds, environment }) {
  const { training, validation, updates } = cost;
  const both = (key) => training[key] + validation[key];
  const wall = wallSeconds === null ? "" : `, ${formatSeconds(wallSeconds)} of wall time`;
  const rewarded =
    environment.reward.signal === "evaluation"
      ? " Episodes are charged for the held-out losses that their rewards need, trials only for those that their schedule watches."
      : "";
  const tunings =
    equals.ownTunings === null
      ? ""
      : `, and ${times(equals.ownTunings)} times the tuning budget of ${named(comparison.schedules)} in the comparison`;
  return (
    `Learning took ${plural(both("trainings"), "episode")}, ${plural(both("steps"), "step")}, ${count(both("forwardPasses"))} forward and ` +
    `${count(both("backwardPasses"))} backward passes and ${formatSeconds(both("seconds") + updates.seconds)} of training and updating${wall}. In steps that is ` +
    `${times(equals.trainings)} whole trainings of the comparison's length${tunings}. **No win rate is charged for it:** it says what the schedule is worth ` +
    `once it is learned, to whoever uses it again.${rewarded}`
  );
}
