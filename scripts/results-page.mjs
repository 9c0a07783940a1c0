/** The Markdown of docs/results: pure functions from a digest to text. Every number in it comes from the digest. */

const percent = (share) => (100 * share).toFixed(1);
/** Without needless digits: 95 %, 0.5 %. */
const plainPercent = (share) => `${Number((100 * share).toPrecision(4))} %`;

/** 81.3 % [37.5, 100.0], as `stride results win-rate` prints it. */
export function formatShare([value, lower, upper]) {
  if (value === null) return "–";
  return lower === null ? `${percent(value)} %` : `${percent(value)} % [${percent(lower)}, ${percent(upper)}]`;
}

/** 0.953 [0.91, 0.99]. */
export function formatRatio([value, lower, upper]) {
  if (value === null) return "–";
  const digits = (ratio) => String(Number(ratio.toPrecision(3)));
  return lower === null ? digits(value) : `${digits(value)} [${digits(lower)}, ${digits(upper)}]`;
}

/** 1 h 3 min, 2 min 19 s, 19 s. */
export function formatSeconds(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** A table; columns are [heading, "left" or "right", cell of a row]. */
export function markdownTable(columns, rows) {
  const withoutBars = (cell) => String(cell).replaceAll("|", "\\|");
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(([heading]) => heading)),
    line(columns.map(([, side]) => (side === "right" ? "--:" : "---"))),
    ...rows.map((row) => line(columns.map(([, , cell]) => withoutBars(cell(row))))),
  ].join("\n");
}

const titles = {
  fixed: "At fixed rates: every rate of the grid, robustness",
  tuned: "Tuned: each schedule at its own chosen rate",
};
/** Longer tables are folded, all but the rows over all tasks. */
const mostOpenRows = 24;

function winRateColumns(confidence) {
  const interval = `[${plainPercent(confidence)}]`;
  return [
    ["task", "left", ({ task }) => (task === "all" ? "**all**" : task)],
    ["challenger", "left", ({ challenger }) => challenger],
    ["wins", "right", ({ wins }) => wins],
    ["ties", "right", ({ ties }) => ties],
    ["losses", "right", ({ losses }) => losses],
    ["undecided", "right", ({ undecided }) => undecided],
    [`win rate ${interval}`, "right", ({ winRate }) => formatShare(winRate)],
    [`equal or better ${interval}`, "right", ({ equalOrBetter }) => formatShare(equalOrBetter)],
    [`loss ratio ${interval}`, "right", ({ lossRatio }) => formatRatio(lossRatio)],
  ];
}

function winRateTables(rows, confidence, level) {
  const columns = winRateColumns(confidence);
  return ["fixed", "tuned"].flatMap((view) => {
    const own = rows.filter((row) => row.view === view);
    if (own.length === 0) return [];
    const heading = `${level} ${titles[view]}`;
    if (own.length <= mostOpenRows) return [heading, markdownTable(columns, own)];
    const all = own.filter(({ task }) => task === "all");
    const single = own.filter(({ task }) => task !== "all");
    return [heading, markdownTable(columns, all), folded("Task by task", markdownTable(columns, single))];
  });
}

const folded = (summary, text) => `<details>\n<summary>${summary}</summary>\n\n${text}\n\n</details>`;

/** How the rates over all tasks move with the margin. */
function marginTable({ margins, winRates }) {
  if (margins.length < 2) return [];
  const rows = winRates.filter(({ task, margin }) => task === "all" && margin === margins[0]);
  if (rows.length === 0) return [];
  const at = ({ view, challenger }, margin) =>
    winRates.find(
      (row) => row.task === "all" && row.view === view && row.challenger === challenger && row.margin === margin,
    );
  const columns = margins.map((margin) => [
    `within ${plainPercent(margin)} a tie`,
    "right",
    (row) => {
      const found = at(row, margin);
      return found === undefined
        ? "–"
        : `${formatShare([found.winRate[0], null])}, ${formatShare([found.equalOrBetter[0], null])}`;
    },
  ]);
  return [
    "### By margin",
    "Win rate, and share equal or better, over all tasks.",
    markdownTable(
      [["view", "left", ({ view }) => view], ["challenger", "left", ({ challenger }) => challenger], ...columns],
      rows,
    ),
  ];
}

function noiseTable({ noises, sweep }) {
  if (noises === undefined) return [];
  const columns = winRateColumns(sweep.analysis.confidence).filter(([heading]) => heading !== "task");
  return [
    "### By noise",
    "All tasks, each noise by itself.",
    markdownTable([["noise", "left", ({ noise }) => noise], ["view", "left", ({ view }) => view], ...columns], noises),
  ];
}

function timeTable({ timeToTarget, sweep }) {
  if (timeToTarget === undefined) return [];
  const { target, rows } = timeToTarget;
  const meant =
    target === "baseline" ? `the tuned ${sweep.analysis.baseline}'s mean final loss` : `a loss of ${target}`;
  const columns = winRateColumns(sweep.analysis.confidence).map(([heading, ...rest]) => [
    heading.replace("loss ratio", "ratio of steps"),
    ...rest,
  ]);
  return [
    "### Steps to a target",
    `Steps until an evaluation reaches ${meant}; never counts as infinitely many.`,
    markdownTable([["view", "left", ({ view }) => view], ...columns], rows),
  ];
}

function chosenTable({ chosenRates, sweep }) {
  if (chosenRates.length === 0) return ["No rates were tuned: the study has no tuning seeds."];
  const grid = sweep.learningRates;
  const several = (key) => new Set(chosenRates.map((rate) => rate[key])).size > 1;
  const ends = [Math.min(...grid), Math.max(...grid)];
  const note = ({ learningRate, drawn, parameters = {} }) => {
    if (drawn)
      return [
        "drawn",
        ...Object.entries(parameters).map(
          ([path, value]) => `${path} ${typeof value === "number" ? Number(value.toPrecision(4)) : value}`,
        ),
      ].join(", ");
    return grid.length > 1 && ends.includes(learningRate) ? "at the end of the grid" : "";
  };
  const table = markdownTable(
    [
      ["task", "left", ({ task }) => task],
      ...(several("optimizer") ? [["optimizer", "left", ({ optimizer }) => optimizer]] : []),
      ...(several("noise") ? [["noise", "left", ({ noise }) => noise]] : []),
      ["schedule", "left", ({ schedule }) => schedule],
      ["rate", "right", ({ learningRate }) => (learningRate === null ? "–" : Number(learningRate.toPrecision(4)))],
      ["mean on tuning seeds", "right", ({ tuningMean }) => tuningMean ?? "–"],
      ["note", "left", note],
    ],
    chosenRates,
  );
  return [
    "### Chosen rates",
    chosenRates.length <= mostOpenRows ? table : folded("Rates chosen on the tuning seeds", table),
  ];
}

/** What was run, with what, when. */
function facts({
  study,
  trials,
  sweep,
  seeds,
  wallSeconds,
  trainingSeconds,
  machine,
  versions,
  executors,
  commit,
  date,
}) {
  const endings = Object.entries(trials).map(([outcome, count]) => `${count.toLocaleString("en-US")} ${outcome}`);
  const total = Object.values(trials).reduce((sum, count) => sum + count, 0);
  const wall = wallSeconds === null ? "" : ` in ${formatSeconds(wallSeconds)}`;
  return [
    `**${total.toLocaleString("en-US")} trials**${wall} (${endings.join(", ")}), ${sweep.steps.toLocaleString("en-US")} steps each, ` +
      `${seeds.tuning.length} tuning and ${seeds.report.length} report seeds; a difference within ${plainPercent(sweep.analysis.margin)} is a tie. ` +
      `All numbers: [${study}.json](${study}.json).`,
    `Executor ${executors.join(", ")}, ${formatSeconds(trainingSeconds)} of training in all; ${machine.cpu}, ${machine.cores} cores; ` +
      `Stride ${versions["@stride/coordinator"]}, Node ${versions.node}, ONNX Runtime ${versions["onnxruntime-node"]}; ` +
      `commit ${commit.id.slice(0, 12)}${commit.changed ? " with changes" : ""}; published ${date}.`,
  ];
}

/** The generated part of a page. `pictures` are { file, title } in their order. */
export function resultSection(digest, pictures) {
  const { analysis } = digest.sweep;
  const own = digest.winRates.filter(({ margin }) => margin === analysis.margin);
  const shown = (kind) =>
    pictures.filter((picture) => picture.kind === kind).map(({ title, file }) => `![${title}](${file})`);
  return [
    ...facts(digest),
    ...shown("win-rates"),
    ...winRateTables(own, analysis.confidence, "###"),
    ...marginTable(digest),
    ...noiseTable(digest),
    ...timeTable(digest),
    ...chosenTable(digest),
    "### Curves",
    ...shown("sensitivity"),
    ...shown("learning-curves"),
    ...shown("rates"),
    ...shown("bounds"),
    ...shown("effect"),
  ].join("\n\n");
}

/** The text between `<!-- name -->` and `<!-- /name -->` replaced; throws when the marks are not there exactly once. */
export function replaceBetween(page, name, text) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start || page.indexOf(open, start + 1) >= 0 || page.indexOf(close, end + 1) >= 0)
    throw new Error(`the page must have ${open} and, after it, ${close}, each once`);
  return `${page.slice(0, start + open.length)}\n\n${text}\n\n${page.slice(end)}`;
}

/** A new page: what only a person can write is left to write. */
export function newPage({ study, sweepFile, publishOptions, isAgent = false }) {
  const options = publishOptions === "" ? "" : ` ${publishOptions}`;
  const sweep = sweepFile ?? "SWEEP.yaml";
  const learned = isAgent ? "## What was learned\n\n<!-- learned -->\n\n<!-- /learned -->\n\n" : "";
  return `# ${study}

## Claim

What is claimed, by whom, and where: to be written.

## Design

What is compared with what, on which tasks, and what would count against the claim: to be written.

## Command

\`\`\`sh
npx stride run ${sweep}
node scripts/publish-results.mjs ${study}${options}
\`\`\`

${learned}## Result

<!-- result -->

<!-- /result -->

## What follows

What this says of the claim, and what it does not: to be written.
`;
}

/** The first paragraph under "## Claim" on one line; empty without one. */
export function claimOf(page) {
  const [, claim = ""] = /^## Claim\s+([\s\S]*?)(?:\n\s*\n|\n## |$(?![\s\S]))/m.exec(page) ?? [];
  return claim.startsWith("## ") ? "" : claim.replace(/\s+/g, " ").trim();
}

/** What an agent's study lived through before its trials. */
const before = (episodes) => (episodes === 0 ? "" : ` after ${episodes.toLocaleString("en-US")} episodes`);

/** The list of pages for the index. */
export function indexTable(pages) {
  if (pages.length === 0) return "No study is published yet.";
  return markdownTable(
    [
      ["study", "left", ({ study }) => `[${study}](${study}.md)`],
      ["claim", "left", ({ claim }) => claim],
      ["trials", "right", ({ trials, episodes = 0 }) => trials.toLocaleString("en-US") + before(episodes)],
      ["published", "left", ({ date }) => date],
    ],
    [...pages].sort((a, b) => (a.study < b.study ? -1 : 1)),
  );
}
