/** The grid of a synthetic study: 10 × 2 × 10 × 10 × 50 = 100,000 trials. */
export const grid = { tasks: 10, optimizers: 2, schedules: 10, rates: 10, tuningSeeds: 10, reportSeeds: 40 };

/**
 * Writes a finished study of that grid straight into the tables: log-normal losses around an optimum rate a schedule, 3 % of
 * the trials diverged, one cohort in 100 failed. `client` is a connected pg client; the same seed writes the same numbers.
 */
export async function writeSyntheticStudy(client, name) {
  await client.query("select setseed(0.5)");
  const { rows } = await client.query(
    "insert into stride.studies (name, source, sweep) values ($1, '', $2) returning study_key as key",
    [name, { study: name, analysis: { metric: "finalEvaluationLoss", margin: 0.01, baseline: "schedule-0" } }],
  );
  const study = rows[0].key;
  await client.query(
    `insert into stride.configurations
       (study_key, task, optimizer, schedule, learning_rate, steps, evaluate_every, task_spec, optimizer_spec, schedule_spec)
     select $1, 'task-' || t, 'optimizer-' || o, 'schedule-' || s, 0.001 * 2 ^ r, 2000, 100, '{}', '{}', '{}'
     from generate_series(0, $2::int - 1) t, generate_series(0, $3::int - 1) o, generate_series(0, $4::int - 1) s,
       generate_series(0, $5::int - 1) r
     order by t, o, s, r`,
    [study, grid.tasks, grid.optimizers, grid.schedules, grid.rates],
  );
  const seeds = grid.tuningSeeds + grid.reportSeeds;
  // A cohort here is one configuration: how trials are grouped does not matter to the query.
  await client.query(
    `insert into stride.cohorts (cohort_id, study_key, state, token, trial_count, steps)
     select $2 || configuration_key, study_key, case when configuration_key % 100 = 0 then 'failed' else 'finished' end::stride.cohort_state,
       1, $3, steps
     from stride.configurations where study_key = $1 order by configuration_key`,
    [study, `${name}-`, seeds],
  );
  await client.query(
    `insert into stride.trials
       (trial_id, study_key, cohort_key, configuration_key, position, split, seed, result, steps_taken, final_evaluation_loss,
        best_evaluation_loss, area_under_curve, forward_passes, backward_passes, seconds)
     select md5($2 || g.configuration_key || '-' || seed), $1, c.cohort_key, g.configuration_key, seed,
       case when seed < $3 then 'tuning' else 'report' end::stride.split, seed,
       r.result, case when r.result is null then null else 2000 end, r.loss, r.loss * 0.9, r.loss * 2, 2000, 2000, 0.5
     from stride.configurations g
     join stride.cohorts c on c.cohort_id = $2 || g.configuration_key
     cross join generate_series(0, $4::int - 1) seed
     cross join lateral (
       select random() as draw, exp(random_normal(0, 0.1) + abs(ln(g.learning_rate) - ln(0.03)) * 0.3 + hashtext(g.schedule) % 7 * 0.01)
         as value, g.configuration_key + seed as correlated
     ) d
     cross join lateral (
       select case when c.state = 'failed' then null when d.draw < 0.03 then 'diverged' else 'completed' end::stride.result_kind as result,
         case when c.state = 'failed' then null when d.draw < 0.03 then 'Infinity' else d.value end::float8 as loss
     ) r
     order by g.configuration_key, seed`,
    [study, `${name}-`, grid.tuningSeeds, seeds],
  );
  // What autovacuum does within a minute on a live database.
  await client.query("vacuum (analyze) stride.trials, stride.configurations, stride.cohorts");
}
