/** The win rates of a study of 100,000 trials, from the tables to the intervals. */
import { openResultStore } from "@stride/results";
import { winRatesFromCells } from "@stride/statistics";
import { entry } from "./harness/entry.mjs";
import { connect, startPostgres } from "./harness/postgres.mjs";
import { withResources } from "./harness/resources.mjs";
import { median } from "./harness/rounds.mjs";
import { grid, writeSyntheticStudy } from "./results/synthetic-study.mjs";

const studyName = "synthetic";
const question = { metric: "finalEvaluationLoss", margin: 0.01, baseline: "schedule-0", confidence: 0.95, seed: 0 };

export async function measure({ quick, report }) {
  await withResources(async (use) => {
    const { url } = await use(startPostgres());
    const store = await use(openResultStore({ url }));
    const client = await use(connect(url));
    await writeSyntheticStudy(client, studyName);
    const trials = grid.tasks * grid.optimizers * grid.schedules * grid.rates * (grid.tuningSeeds + grid.reportSeeds);

    const times = { cells: [], all: [], columns: [], select: [] };
    const rounds = quick ? 5 : 21;
    for (let round = -2; round < rounds; round++) {
      const start = performance.now();
      const cells = await store.winRateCells(studyName, question);
      const between = performance.now();
      winRatesFromCells(cells, question);
      const end = performance.now();
      const columns = await timed(() => client.query(plainColumns));
      const select = await timed(() => client.query(plainSelect));
      // The first rounds compile and fill caches, as they would in a coordinator that has just started.
      if (round < 0) continue;
      times.cells.push(between - start);
      times.all.push(end - start);
      times.columns.push(columns);
      times.select.push(select);
    }
    const floor = { trials, "the same columns as three values, ms": median(times.columns) };
    const common = {
      unit: "ms",
      baseline: { name: "plain select of the rows", value: median(times.select) },
      floor,
    };
    report(
      entry({
        name: "win-rate query, 100,000 trials",
        measures: "store.winRateCells against one baseline: every pair judged; median",
        value: median(times.cells),
        ...common,
        goal: { valueBelow: 200 },
        details: { "slowest ms": Math.max(...times.cells) },
      }),
    );
    await measureView({ store, client, rounds: quick ? 1 : 3, report });
    report(
      entry({
        name: "win rates with their intervals",
        measures: "the same and winRatesFromCells: rates of every scope, bootstrapped; median",
        value: median(times.all),
        ...common,
        details: { "slowest ms": Math.max(...times.all) },
      }),
    );
  });
}

/** All schedules with each other, paired here and in SQL: why the cells are not read from the view that analysts have. */
async function measureView({ store, client, rounds, report }) {
  const { baseline: _, ...allPairs } = question;
  const times = { cells: [], view: [] };
  for (let round = 0; round < rounds; round++) {
    times.cells.push(await timed(() => store.winRateCells(studyName, allPairs)));
    times.view.push(await timed(() => client.query(`select * from stride.win_rates where study = '${studyName}'`)));
  }
  report(
    entry({
      name: "win-rate cells of all pairs of schedules",
      measures: "store.winRateCells without a baseline, against the SQL view win_rates; median",
      value: median(times.cells),
      unit: "ms",
      baseline: { name: "the view", value: median(times.view) },
    }),
  );
}

/** What the query cannot do without: every trial's configuration, seed, split and metric. */
const plainSelect = `
  select configuration_key, seed, split, result, final_evaluation_loss from stride.trials
  where study_key = (select study_key from stride.studies where name = '${studyName}')`;

/** The same, sent as few large values instead of 100,000 rows. */
const plainColumns = `
  select string_agg(int4send(configuration_key), ''), string_agg(float8send(seed), ''),
    string_agg(float8send(final_evaluation_loss), '')
  from stride.trials where study_key = (select study_key from stride.studies where name = '${studyName}')`;

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
