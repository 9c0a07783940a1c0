/** Curve points recorded through the store against a plain COPY of the same rows into an identical table. */
import { parseSweep, planTrials } from "@stride/experiment";
import { openResultStore } from "@stride/results";
import { binaryRows, copyFrom, textRows } from "./harness/copy.mjs";
import { entry } from "./harness/entry.mjs";
import { connect, startPostgres } from "./harness/postgres.mjs";
import { withResources } from "./harness/resources.mjs";
import { interleave, median, ratioOfRounds } from "./harness/rounds.mjs";

/** What workers send at their heartbeats: all of a cohort's trials in one batch, several cohorts at once. */
const shape = { cohorts: 4, trials: 32, points: 500 };
const studyName = "reports";
const reported = "reports";
const copies = { "copy, text": textRows, "copy, binary": binaryRows };

export async function measure({ quick, report }) {
  await withResources(async (use) => {
    const { url } = await use(startPostgres());
    const store = await use(openResultStore({ url }));
    const cohorts = await openAttempts(store);
    const client = await use(connect(url));
    const keys = await trialKeys(client);
    const connections = [];
    for (const _ of cohorts) connections.push(await use(connect(url)));

    const batches = quick ? 2 : 8;
    const contenders = [reportContender(store, cohorts, batches)];
    for (const [name, encode] of Object.entries(copies)) {
      const table = `stride.copied_${contenders.length}`;
      await client.query(`create table ${table} (like stride.curve_chunks including all)`);
      const format = encode === binaryRows ? "binary" : "text";
      const statement = `copy ${table} from stdin with (format ${format})`;
      contenders.push(copyContender({ name, encode, statement, connections, cohorts, keys, batches }));
    }
    // No least time: one work a round, as what it sends is made before it.
    const rates = await interleave(contenders, { rounds: quick ? 3 : 11, milliseconds: 0 });
    await requireRows(client, (quick ? 4 : 12) * batches * shape.cohorts * shape.trials);
    reportEntries(rates, report);
  });
}

function reportEntries(rates, report) {
  const value = median(rates.get(reported));
  const bytes = (4 + 4) * 2 + (20 + 8 * shape.points) + (20 + 12 * shape.points);
  for (const name of Object.keys(copies)) {
    report(
      entry({
        name: `reports against ${name}`,
        measures:
          `store.report() of ${shape.cohorts} cohorts at once, ${shape.trials} trials × ${shape.points} points a batch, ` +
          "against COPY of the same rows, encoded beforehand, over as many connections",
        value,
        unit: "points/s",
        baseline: { name, value: median(rates.get(name)) },
        ratio: ratioOfRounds(rates.get(reported), rates.get(name)),
        goal: { ratioAtLeast: 0.5 },
        floor: { "bytes a point in binary": bytes / shape.points },
        details: { "MB/s in binary": (value * bytes) / shape.points / 1e6 },
      }),
    );
  }
}

function reportContender(store, cohorts, batches) {
  let next = 0;
  return {
    name: reported,
    async work() {
      const first = next;
      next += batches;
      await Promise.all(
        cohorts.map(async ({ key, trialIds }) => {
          for (let batch = first; batch < next; batch++) {
            const step = (batch + 1) * shape.points;
            const chunks = trialIds.map((trialId) => chunkOf(trialId, batch));
            const answer = await store.report({ ...key, step, chunks, evaluations: [] });
            if (answer.kind !== "continue") throw new Error(`a report was answered ${answer.kind}`);
          }
        }),
      );
      return points(batches);
    },
  };
}

/** Each connection copies one cohort's rows, in one statement. */
function copyContender({ name, encode, statement, connections, cohorts, keys, batches }) {
  let next = 0;
  let encoded = [];
  return {
    name,
    begin() {
      const numbers = Array.from({ length: batches }, (_, i) => next + i);
      next += batches;
      encoded = cohorts.map(({ trialIds }) =>
        encode(numbers.flatMap((batch) => trialIds.map((trialId) => [keys.get(trialId), chunkOf(trialId, batch)]))),
      );
    },
    async work() {
      await Promise.all(connections.map((connection, i) => copyFrom(connection, statement, encoded[i])));
      return points(batches);
    },
  };
}

const points = (batches) => batches * shape.cohorts * shape.trials * shape.points;

/** Losses that fall with noise on them, and a cosine of rates: as compressible as real ones. Made once, so that nobody pays for it. */
const trainingLosses = Float32Array.from({ length: shape.points }, (_, i) => 2 / (1 + i / 50) + 0.1 * Math.random());
const learningRates = Float64Array.from(
  { length: shape.points },
  (_, i) => 0.05 * (1 + Math.cos((Math.PI * i) / shape.points)),
);

function chunkOf(trialId, batch) {
  return { trialId, firstStep: batch * shape.points, trainingLosses, learningRates };
}

/** A study of that many cohorts, each with an open attempt. */
async function openAttempts(store) {
  const sweep = parseSweep(
    JSON.stringify({
      study: studyName,
      tasks: [{ kind: "quadratic" }],
      schedules: [{ kind: "constant" }],
      learningRates: [0.1],
      seeds: { tuning: 0, report: shape.cohorts * shape.trials },
      steps: 1_000_000,
      evaluate: { every: 1000 },
    }),
  );
  const trials = planTrials(sweep);
  const cohorts = Array.from({ length: shape.cohorts }, (_, i) => ({
    cohortId: `cohort-${i}`,
    studyName,
    trials: trials.slice(i * shape.trials, (i + 1) * shape.trials),
  }));
  await store.submitStudy({ name: studyName, source: "", sweep, cohorts });
  const attempts = [];
  for (const { cohortId, trials } of cohorts) {
    const { token } = await store.startAttempt({ cohortId, workerId: `worker-of-${cohortId}`, executor: "none" });
    attempts.push({ key: { cohortId, token }, trialIds: trials.map(({ trialId }) => trialId) });
  }
  return attempts;
}

async function trialKeys(client) {
  const { rows } = await client.query("select trial_id, trial_key from stride.trials");
  return new Map(rows.map(({ trial_id, trial_key }) => [trial_id, trial_key]));
}

/** All contenders wrote the same, or the comparison is none. */
async function requireRows(client, expected) {
  for (const table of ["curve_chunks", "copied_1", "copied_2"]) {
    const { rows } = await client.query(
      `select count(*)::int as rows, sum(cardinality(training_losses))::int as points from stride.${table}`,
    );
    if (rows[0].rows !== expected || rows[0].points !== expected * shape.points) {
      throw new Error(`${table} should hold ${expected} rows, not ${JSON.stringify(rows[0])}`);
    }
  }
}
