/** `node scripts/publish-results.mjs STUDY`: writes a finished study's result page, its numbers and its pictures to docs/results. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../bench/harness/machine.mjs";
import { openOwnDatabase, stride } from "./ask-stride.mjs";
import { keptPolicy, learnedPolicies } from "./learned-policy.mjs";
import { bestVersion, learningDigest } from "./learning-digest.mjs";
import { learnedSection } from "./learning-section.mjs";
import {
  commit,
  folder,
  format,
  root,
  sweepFileOf,
  writeDigest,
  writeIndex,
  writePictures,
} from "./results-folder.mjs";
import { newPage, replaceBetween, resultSection } from "./results-page.mjs";
import { drawPictures, drawReturns } from "./results-pictures.mjs";
import { studyResults } from "./study-results.mjs";

const usage = `node scripts/publish-results.mjs STUDY [options]
  --margins LIST    margins beside the sweep's own; 0,0.01,0.05 when left out
  --target LOSS     steps to this evaluation loss too, or to the baseline's: baseline
  --effect X,Y      a heat map of two parameters of the baseline's kind of rule, such as patience,factor; may be given again
  --policy          of an agent's study: write its best policy to sweeps/policies/, under its name

Of an agent's study, STUDY is its own name: the page has what was learned, and its comparison.
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

async function publish({ study, effects, writePolicy, ...questions }, { wallSeconds }) {
  const { sweep } = await stride("status", study);
  const isAgent = sweep.algorithm !== undefined;
  if (isAgent && sweep.comparison === undefined) throw new Error(`${study} compares what it learned with nothing`);
  const policies = isAgent ? await learnedPolicies(sweep) : [];
  const compared = isAgent ? `${study}-comparison` : study;
  const { digestWith, ...results } = await studyResults(compared, questions);
  const learning = isAgent
    ? learningDigest({
        ...{ sweep, policies, comparison: results, wallSeconds: await wallSeconds(study) },
        file: await keptPolicy(sweep, policies, { write: writePolicy }),
      })
    : undefined;

  const common = {
    ...{ study, date: new Date().toISOString().slice(0, 10), commit: commit(), ...describeMachine() },
    ...{ wallSeconds: await wallSeconds(compared), learning },
  };
  // From the file and not from memory: the page shows what is published.
  const { file, digest } = writeDigest(study, (points) => ({ ...common, ...digestWith(points) }));
  const pictures = [
    ...(isAgent ? await drawReturns({ study, policies, policy: sweep.policy, best: bestVersion(policies) }) : []),
    ...(await drawPictures({ study, ...results, effects })),
  ];
  writePictures(study, pictures);

  const page = join(folder, `${study}.md`);
  let text = existsSync(page) ? readFileSync(page, "utf8") : beginPage(study, { isAgent });
  if (isAgent) text = replaceBetween(text, "learned", learnedSection(digest, pictures));
  writeFileSync(page, replaceBetween(text, "result", resultSection(digest, pictures)));
  writeIndex();
  format(page, join(folder, "README.md"));
  const written = [file, page, ...pictures.map((picture) => join(folder, picture.file))];
  console.log(written.map((path) => relative(root, path)).join("\n"));
  if (learning?.file) console.log(learning.file);
}

function beginPage(study, { isAgent }) {
  const words = process.argv.slice(2).filter((word) => word !== study);
  return newPage({ study, sweepFile: sweepFileOf(study), publishOptions: words.join(" "), isAgent });
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        margins: { type: "string", default: "0,0.01,0.05" },
        target: { type: "string" },
        effect: { type: "string", multiple: true, default: [] },
        policy: { type: "boolean", default: false },
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
    return { study, margins, target: values.target, effects, writePolicy: values.policy };
  } catch (error) {
    process.stderr.write(`${error.message}\n${usage}\n`);
    process.exit(2);
  }
}
