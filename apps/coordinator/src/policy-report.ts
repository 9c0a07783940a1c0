import type { EpisodeSummary, PolicyRow } from "@stride/experiment";
import { describeFeatures } from "@stride/schedules";
import type { PolicyDocument } from "@stride/schedules/spec";
import { formatMinute, formatNumber, formatTable, type Row } from "./output.js";
import { statisticMeanings } from "./policy-statistics.js";
import { plotLine } from "./terminal-plot.js";

/** A policy's line in a listing. */
export function policyRow({
  name,
  version,
  parent,
  study,
  algorithm,
  createdAt,
  training,
  validation,
}: PolicyRow): Row {
  return {
    name,
    version,
    parent,
    study,
    algorithm,
    training: training?.meanReturn ?? null,
    trainingDivergence: percent(training),
    entropy: training?.entropy ?? null,
    validation: validation?.meanReturn ?? null,
    validationDivergence: percent(validation),
    created: formatMinute(createdAt),
  };
}

/** Whose headings say what stands in the columns of `policyRow`. */
export const policyHeadings = {
  training: "return in training",
  trainingDivergence: "diverged in training %",
  validation: "return in validation",
  validationDivergence: "diverged in validation %",
} as const;

const percent = (episodes: EpisodeSummary | null) => (episodes === null ? null : 100 * episodes.divergence);

export interface PolicyReport {
  readonly row: PolicyRow;
  readonly document: PolicyDocument;
  /** All of its name, by version. */
  readonly versions: readonly PolicyRow[];
}

/** All about a policy, for people. */
export function formatPolicy({ row, document, versions }: PolicyReport): string {
  const { name, version, parent, study, algorithm, sha256, createdAt, statistics } = row;
  const origin = parent === null ? "what learning began with" : `learned by ${algorithm} from ${name}@${parent}`;
  const parts = [
    `${name}@${version}: ${origin}, in the study ${study}, ${formatMinute(createdAt)}\nSHA-256 of its canonical JSON: ${sha256}`,
    describeDocument(document).join("\n"),
    formatTable(describeFeatures(document.sees).map(([feature, meaning]) => ({ feature, meaning }))),
    formatTable(episodeRows(row), { diverged: "diverged %", forward: "forward passes", backward: "backward passes" }),
    ...(Object.keys(statistics).length === 0 ? [] : [formatTable(statisticRows(statistics))]),
    ...pictures(versions),
    `Use it:  { kind: policy, policy: ${name}@${version} }`,
  ];
  return parts.join("\n\n");
}

/** What it decides, what it sees and how large it is, a line each. */
export function describeDocument(document: PolicyDocument): string[] {
  const { every, actions, range, selection, normalisation, actor, critic } = document;
  const how =
    actions.kind === "discrete"
      ? `by one of ${actions.factors.join(", ")}`
      : `by a factor from ${formatNumber(1 / actions.most)} to ${actions.most}`;
  const choice = { likeliest: "the likeliest action", sample: "an action drawn from its distribution" }[selection];
  return [
    `After every ${every === 1 ? "step" : `${every} steps`} it multiplies the rate ${how}, within ${range.lowest} to ${range.highest} of the base rate: ${choice}.`,
    `Sees ${normalisation.mean.length} features, normalised over ${normalisation.count} decisions.`,
    `Actor ${networkSize(actor)}${critic === undefined ? "" : `; critic ${networkSize(critic)}`}.`,
  ];
}

/** For example `14 → 32 → 5, 645 numbers`: 14 · 32 + 32 + 32 · 5 + 5. */
function networkSize(layers: PolicyDocument["actor"]): string {
  const widths = [layers[0]?.weights.length ?? 0, ...layers.map(({ biases }) => biases.length)];
  const numbers = layers.reduce((sum, { weights, biases }) => sum + (weights.length + 1) * biases.length, 0);
  return `${widths.join(" → ")}, ${numbers} numbers`;
}

function episodeRows({ training, validation }: PolicyRow): Row[] {
  const named = [
    ["in training", training],
    ["in validation", validation],
  ] as const;
  return named.map(([acted, part]) => ({
    acted,
    episodes: part?.episodes ?? null,
    return: part?.meanReturn ?? null,
    diverged: percent(part),
    entropy: part?.entropy ?? null,
    steps: part?.steps ?? null,
    forward: part?.forwardPasses ?? null,
    backward: part?.backwardPasses ?? null,
    seconds: part?.seconds ?? null,
  }));
}

function statisticRows(statistics: PolicyRow["statistics"]): Row[] {
  return Object.entries(statistics).map(([statistic, value]) => ({
    statistic,
    value,
    meaning: statisticMeanings[statistic] ?? "",
  }));
}

/** The return by version, in training and in validation. */
function pictures(versions: readonly PolicyRow[]): string[] {
  return (["training", "validation"] as const).flatMap((where) => {
    const acted = versions.flatMap((row) => (row[where] === null ? [] : [{ version: row.version, ...row[where] }]));
    const [first, last] = [acted[0], acted.at(-1)];
    if (first === undefined || last === undefined || first === last) return [];
    const title = `Return in ${where}, ${acted.length} versions from ${first.version} to ${last.version}`;
    return [`${title}\n${plotLine(acted.map(({ meanReturn }) => meanReturn))}`];
  });
}
