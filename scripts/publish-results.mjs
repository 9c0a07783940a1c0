/** `node scripts/publish-results.mjs STUDY`: writes a finished study's result page, its numbers and its pictures to docs/results. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { curveBands } from "@stride/report";
import pg from "pg";
import { describeMachine } from "../bench/harness/machine.mjs";
import { claimOf, indexTable, newPage, replaceBetween, resultSection } from "./results-page.mjs";
import { drawPictures } from "./results-pictures.mjs";
import * as digests from "./study-digest.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "docs/results");
const bin = join(root, "apps/coordinator/bin/stride.mjs");
const biome = join(root, "node_modules/@biomejs/biome/bin/biome");

const usage = `node scripts/publish-results.mjs STUDY [options]
  --margins LIST    margins beside the sweep's own; 0,0.01,0.05 when left out
  --target LOSS     steps to this evaluation loss too, or to the baseline's: baseline
  --effect X,Y      a heat map of two parameters of the baseline's kind of rule, such as patience,factor; may be given again

The laboratory is that of the environment, as for stride: STRIDE_HOME, STRIDE_DATABASE_URL or STRIDE_COORDINATOR.`;

const options = readArguments();
const database = await openOwnDatabase();
try {
  await publish(options, database);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  await database.close();
}

async function publish({ study, margins: wanted, target, effects }, { wallSeconds }) {
  const status = await stride("status", study);
  const unfinished = status.trials.planned + status.trials.running;
  if (unfinished > 0) throw new Error(`${study} is not finished: ${unfinished} trials are to come`);
  const { sweep } = status;
  const { analysis } = sweep;
  const margins = [...new Set([...wanted, analysis.margin])].sort((a, b) => a - b);

  const trials = await stride("results", "trials", study);
  const winRates = await stride("results", "win-rate", study);
  const atMargins = [];
  for (const margin of margins) {
    const rows = margin === analysis.margin ? winRates : await stride("results", "win-rate", study, "--margin", margin);
    // Of the other margins the tasks together are enough.
    const kept = rows.filter(({ task }) => task === "all" || margin === analysis.margin);
    atMargins.push(...kept.map((row) => ({ margin, ...digests.shortWinRate(row) })));
  }
  const chosenRates = digests.chosenRates(winRates);
  const shown = digests.shownTrials(trials, chosenRates, sweep.learningRates);
  const curves = await readCurves(study, shown.trials, sweep.steps);

  const common = {
    ...{ study, date: new Date().toISOString().slice(0, 10), commit: commit(), ...describeMachine() },
    ...{
      wallSeconds: await wallSeconds(study),
      trainingSeconds: digests.rounded(sum(trials, ({ seconds }) => seconds)),
    },
    executors: [...new Set(trials.map(({ executor }) => executor).filter((name) => name !== null))].sort(),
    ...{ sweep, seeds: digests.seedsOf(trials), trials: digests.outcomeCounts(trials) },
    ...{ margins, winRates: atMargins, noises: await byNoise(study, trials), chosenRates },
    timeToTarget: await timeToTarget(study, target),
  };
  const file = join(folder, `${study}.json`);
  for (const points of digests.curvePointsTried) {
    const bands = points === 0 ? [] : curveBands(curves.losses, { points, missing: "infinite" });
    const digest = { ...common, curves: { of: "evaluationLoss", rate: shown.rate, lines: digests.bandColumns(bands) } };
    writeFileSync(file, `${JSON.stringify(digest)}\n`);
    format(file);
    if (readFileSync(file).length <= digests.largestDigest) break;
    if (points === 0)
      throw new Error(`${relative(root, file)} is larger than ${digests.largestDigest} bytes even without curves`);
  }

  const pictures = await drawPictures({ study, sweep, trials, winRates, curves, rate: shown.rate, effects });
  for (const name of readdirSync(folder)) {
    const isOwn =
      name.startsWith(`${study}-`) &&
      /^(win-rates|sensitivity|learning-curves|rates|bounds|effect)(-\d+)?\.svg$/.test(name.slice(study.length + 1));
    if (isOwn) rmSync(join(folder, name));
  }
  for (const picture of pictures) writeFileSync(join(folder, picture.file), picture.svg);

  const page = join(folder, `${study}.md`);
  const text = existsSync(page)
    ? readFileSync(page, "utf8")
    : newPage({
        study,
        sweepFile: sweepFileOf(study),
        publishOptions: process.argv
          .slice(2)
          .filter((word) => word !== study)
          .join(" "),
      });
  // From the file and not from memory: the page shows what is published.
  const published = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(page, replaceBetween(text, "result", resultSection(published, pictures)));
  writeIndex();
  format(page, join(folder, "README.md"));
  console.log(
    [file, page, ...pictures.map((picture) => join(folder, picture.file))]
      .map((path) => relative(root, path))
      .join("\n"),
  );
}

/** Losses, rates and their ratios to stability bounds, where there are any, over steps; of rates at most some 400 each. */
async function readCurves(study, trials, steps) {
  const panelOf = digests.panelNames(trials);
  const trialOf = new Map(trials.map((trial) => [trial.trialId, trial]));
  const every = Math.ceil(steps / 400);
  const losses = [];
  const rates = [];
  const ratios = [];
  const ids = [...trialOf.keys()];
  for (let from = 0; from < ids.length; from += 1000) {
    for await (const curve of strideLines("results", "curves", study, "--trial", ...ids.slice(from, from + 1000))) {
      const trial = trialOf.get(curve.trialId);
      const common = { panel: panelOf(trial), schedule: trial.schedule, seed: trial.seed };
      losses.push({ ...common, points: curve.evaluations.map(({ step, loss }) => ({ step, value: loss })) });
      const last = curve.learningRates.length - 1;
      const some = (values) =>
        values.map((value, step) => ({ step, value })).filter(({ step }) => step % every === 0 || step === last);
      rates.push({ ...common, points: some(curve.learningRates) });
      if (curve.bounds !== undefined) ratios.push({ ...common, points: some(digests.ratiosToBounds(curve)) });
    }
  }
  // The order of the laboratory is its own affair; that of the published bytes is ours.
  const order = (a, b) => compare(a.panel, b.panel) || compare(a.schedule, b.schedule) || a.seed - b.seed;
  return { losses: losses.sort(order), rates: rates.sort(order), ratios: ratios.sort(order) };
}

/** Win rates over all tasks under each noise by itself; undefined where the study has one noise or none. */
async function byNoise(study, trials) {
  const noises = [...new Set(trials.map(({ noise }) => noise))].sort(compare);
  if (noises.length < 2) return undefined;
  const rows = [];
  for (const noise of noises) {
    const own = await stride("results", "win-rate", study, "--noise", noise);
    rows.push(...own.filter(({ task }) => task === "all").map((row) => ({ noise, ...digests.shortWinRate(row) })));
  }
  return rows;
}

async function timeToTarget(study, target) {
  if (target === undefined) return undefined;
  const rows = await stride("results", "win-rate", study, "--metric", "stepsToTarget", "--target", target);
  return {
    metric: "stepsToTarget",
    target: target === "baseline" ? target : Number(target),
    rows: rows.map(digests.shortWinRate),
  };
}

/** What a stride command prints as JSON. */
async function stride(...args) {
  const words = [bin, ...args.map(String), "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 2 ** 29 }).catch((error) => {
    throw new Error(error.stderr?.trim() || error.message);
  });
  return JSON.parse(stdout);
}

/** The elements of a JSON array that a stride command prints one a line. */
async function* strideLines(...args) {
  const child = spawn(process.execPath, [bin, ...args, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("close", done));
  for await (const line of createInterface({ input: child.stdout })) {
    const text = line.replace(/^[\s,]+/, "");
    if (text.startsWith("{")) yield JSON.parse(text);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`stride ${args.slice(0, 3).join(" ")} ended with ${code}`);
}

/**
 * The database for as long as this runs, so that each command finds it up; and the seconds in which at least one attempt at the study
 * ran, null behind a coordinator, which does not tell.
 */
async function openOwnDatabase() {
  // Applications export nothing: a script of the repository may look inside.
  const [{ openDatabase }, { parseSettings }] = await Promise.all([
    import("../apps/coordinator/dist/connection.js"),
    import("../apps/coordinator/dist/settings.js"),
  ]);
  const settings = parseSettings(process.env);
  if (settings.coordinator !== undefined) return { wallSeconds: async () => null, close: async () => undefined };
  const opened = await openDatabase(settings, { create: false });
  return {
    async wallSeconds(study) {
      const client = new pg.Client({ connectionString: opened.url });
      await client.connect();
      try {
        const { rows } = await client.query(
          `select extract(epoch from sum(upper(period) - lower(period)))::float8 as seconds
           from (
             select unnest(range_agg(tstzrange(started_at, ended_at))) as period
             from stride.attempts join stride.cohorts using (cohort_key) join stride.studies using (study_key)
             where name = $1 and ended_at > started_at
           ) periods`,
          [study],
        );
        return digests.rounded(rows[0]?.seconds);
      } finally {
        await client.end();
      }
    },
    close: () => opened[Symbol.asyncDispose](),
  };
}

/** The last commit that changed more than result pages, and whether the working tree differs from it. */
function commit() {
  const git = (...words) =>
    execFileSync("git", [...words, "--", ".", ":!docs/results"], { cwd: root, encoding: "utf8" }).trim();
  return { id: git("log", "-1", "--format=%H"), changed: git("status", "--porcelain") !== "" };
}

function sweepFileOf(study) {
  const declares = (name) =>
    readFileSync(join(root, "sweeps", name), "utf8")
      .split("\n")
      .includes(`study: ${study}`);
  const name = readdirSync(join(root, "sweeps"))
    .filter((each) => each.endsWith(".yaml"))
    .find(declares);
  return name === undefined ? undefined : `sweeps/${name}`;
}

function writeIndex() {
  const pages = readdirSync(folder)
    .filter((name) => name.endsWith(".json") && existsSync(join(folder, name.replace(/json$/, "md"))))
    .map((name) => {
      const { study, date, trials } = JSON.parse(readFileSync(join(folder, name), "utf8"));
      const claim = claimOf(readFileSync(join(folder, `${study}.md`), "utf8"));
      return { study, date, claim, trials: sum(Object.values(trials), (count) => count) };
    });
  const index = join(folder, "README.md");
  writeFileSync(index, replaceBetween(readFileSync(index, "utf8"), "index", indexTable(pages)));
}

function format(...files) {
  execFileSync(process.execPath, [biome, "format", "--write", ...files], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sum(items, valueOfItem) {
  return items.reduce((total, item) => total + valueOfItem(item), 0);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        margins: { type: "string", default: "0,0.01,0.05" },
        target: { type: "string" },
        effect: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${usage}\n`);
      process.exit(0);
    }
    const [study, ...more] = positionals;
    if (study === undefined || more.length > 0) throw new Error("one study is needed");
    const margins = values.margins.split(",").map(Number);
    if (!margins.every((margin) => margin >= 0 && margin < 1)) throw new Error("margins are numbers from 0 to below 1");
    const effects = values.effect.map((pair) => {
      const [x, y, ...rest] = pair.split(",");
      if (!x || !y || rest.length > 0)
        throw new Error(`--effect takes two parameters, such as patience,factor; got ${pair}`);
      return { x, y };
    });
    return { study, margins, target: values.target, effects };
  } catch (error) {
    process.stderr.write(`${error.message}\n${usage}\n`);
    process.exit(2);
  }
}
