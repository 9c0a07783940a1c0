-- Storage. A trial and a cohort are written once more after they are planned: room on their page makes that write touch no
-- index. An attempt is written at every heartbeat.
ALTER TABLE stride.trials SET (fillfactor = 60);
--> statement-breakpoint
ALTER TABLE stride.cohorts SET (fillfactor = 60);
--> statement-breakpoint
ALTER TABLE stride.attempts SET (fillfactor = 40);
--> statement-breakpoint

-- The definitions of @stride/statistics, so that SQL and the reports never disagree (a test holds them equal). Where JavaScript
-- goes on with infinity or zero, Postgres gives up on the whole query: so values near either end of the range count as that.

CREATE FUNCTION stride.trial_value(result stride.result_kind, metric double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN result = 'diverged' THEN 'Infinity'::double precision
  WHEN metric BETWEEN -1e-300 AND 1e-300 THEN 0
  WHEN metric BETWEEN -1e300 AND 1e300 THEN metric
  WHEN metric IS NOT NULL AND result = 'completed' THEN 'Infinity'::double precision
END;
--> statement-breakpoint
COMMENT ON FUNCTION stride.trial_value IS
  'What a trial scores on a metric, lower is better: +Infinity when it diverged (or the metric is not within 1e300 of zero), 0 within 1e-300 of zero, null without a result.';
--> statement-breakpoint

CREATE FUNCTION stride.beats(l double precision, r double precision, margin double precision) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN l >= 0 AND r >= 0 THEN l * (1 + margin) < r
  WHEN r = 'Infinity' THEN true
  WHEN margin < 1e-20 THEN r > l -- No two values are that close, and the product may be too small to be a number.
  ELSE r - l > margin * greatest(abs(l), abs(r))
END;
--> statement-breakpoint
COMMENT ON FUNCTION stride.beats IS
  'Whether l is lower than r by more than the relative margin; of values below zero the difference decides, in units of the larger.';
--> statement-breakpoint

CREATE FUNCTION stride.pair_verdict(challenger double precision, baseline double precision, margin double precision) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN challenger IS NULL OR baseline IS NULL THEN 'undecided'
  WHEN stride.beats(challenger, baseline, margin) THEN 'win'
  WHEN stride.beats(baseline, challenger, margin) THEN 'loss'
  ELSE 'tie'
END;
--> statement-breakpoint
COMMENT ON FUNCTION stride.pair_verdict IS
  'win, tie or loss, seen from the challenger; undecided when one of the two has no value.';
--> statement-breakpoint

CREATE FUNCTION stride.capped_log_ratio(challenger double precision, baseline double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN challenger IS NULL OR baseline IS NULL THEN NULL
  WHEN challenger = baseline THEN 0
  WHEN challenger < 0 OR baseline < 0 OR challenger = 0 OR baseline = 0 OR challenger = 'Infinity' OR baseline = 'Infinity'
    THEN CASE WHEN challenger < baseline THEN -6.907755278982137 ELSE 6.907755278982137 END
  ELSE greatest(-6.907755278982137, least(6.907755278982137, ln(challenger) - ln(baseline)))
END;
--> statement-breakpoint
COMMENT ON FUNCTION stride.capped_log_ratio IS
  'log(challenger / baseline), natural, within ± log 1000; negative when the challenger is lower. Null when one is null.';
--> statement-breakpoint

CREATE VIEW stride.trial_results AS
SELECT
  s.name AS study,
  t.trial_id,
  c.cohort_id,
  g.task,
  g.optimizer,
  g.schedule,
  g.learning_rate,
  t.split::text AS split,
  t.seed,
  coalesce(t.result::text, c.state::text) AS outcome,
  g.steps AS steps_planned,
  t.steps_taken,
  t.final_evaluation_loss,
  t.best_evaluation_loss,
  t.area_under_curve,
  t.forward_passes,
  t.backward_passes,
  t.seconds,
  c.token AS attempts,
  a.executor,
  a.worker_id,
  CASE WHEN a.ending = 'finished' THEN a.ended_at END AS finished_at,
  g.task_spec,
  g.optimizer_spec,
  g.schedule_spec
FROM stride.trials t
JOIN stride.studies s USING (study_key)
JOIN stride.configurations g USING (configuration_key)
JOIN stride.cohorts c USING (cohort_key)
LEFT JOIN stride.attempts a ON a.cohort_key = c.cohort_key AND a.token = c.token;
--> statement-breakpoint

CREATE VIEW stride.learning_curves AS
SELECT s.name AS study, t.trial_id, g.task, g.optimizer, g.schedule, g.learning_rate AS base_learning_rate, t.split::text AS split,
  t.seed, p.step, p.training_loss, p.learning_rate, NULL::double precision AS evaluation_loss
FROM stride.trials t
JOIN stride.studies s USING (study_key)
JOIN stride.configurations g USING (configuration_key)
JOIN stride.curve_chunks k USING (trial_key)
CROSS JOIN LATERAL (
  SELECT k.first_step + (u.place - 1)::int AS step, u.training_loss, u.learning_rate
  FROM unnest(k.training_losses, k.learning_rates) WITH ORDINALITY AS u (training_loss, learning_rate, place)
) p
UNION ALL
SELECT s.name, t.trial_id, g.task, g.optimizer, g.schedule, g.learning_rate, t.split::text, t.seed, e.step, NULL::real,
  NULL::double precision, e.loss
FROM stride.trials t
JOIN stride.studies s USING (study_key)
JOIN stride.configurations g USING (configuration_key)
JOIN stride.evaluations e USING (trial_key);
--> statement-breakpoint

-- Comparisons are computed a study at a time. The planner cannot know how many rows join (its guess is off by the number of
-- tasks times schedules) and would pick nested loops, which take minutes where a hash join takes a second: so they are off.

CREATE FUNCTION stride.scored_trials_of(wanted integer)
RETURNS TABLE (task text, optimizer text, schedule text, learning_rate double precision, split stride.split, seed bigint,
  metric text, margin double precision, value double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT g.task, g.optimizer, g.schedule, g.learning_rate, t.split, t.seed,
    coalesce(s.sweep -> 'analysis' ->> 'metric', 'finalEvaluationLoss'),
    coalesce((s.sweep -> 'analysis' ->> 'margin')::double precision, 0.01),
    stride.trial_value(t.result,
      CASE s.sweep -> 'analysis' ->> 'metric'
        WHEN 'bestEvaluationLoss' THEN t.best_evaluation_loss
        WHEN 'areaUnderCurve' THEN t.area_under_curve
        ELSE t.final_evaluation_loss
      END)
  FROM stride.trials t
  JOIN stride.configurations g USING (configuration_key)
  JOIN stride.studies s ON s.study_key = t.study_key
  WHERE t.study_key = wanted;
END;
--> statement-breakpoint

CREATE FUNCTION stride.tuned_rates_of(wanted integer)
RETURNS TABLE (task text, optimizer text, schedule text, learning_rate double precision, tuning_mean double precision)
LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
  WITH scored AS MATERIALIZED (
    SELECT * FROM stride.scored_trials_of(wanted)
  ), needed AS (
    SELECT s.task, s.optimizer, count(DISTINCT s.seed) AS seeds
    FROM scored s
    WHERE s.split = 'tuning'
    GROUP BY s.task, s.optimizer
  ), means AS (
    SELECT s.task, s.optimizer, s.schedule, s.learning_rate, count(s.value) AS results,
      sum(s.value ORDER BY s.seed) / count(*) AS tuning_mean
    FROM scored s
    WHERE s.split = 'tuning'
    GROUP BY s.task, s.optimizer, s.schedule, s.learning_rate
  ), best AS (
    SELECT DISTINCT ON (m.task, m.optimizer, m.schedule) m.task, m.optimizer, m.schedule, m.learning_rate, m.tuning_mean
    FROM means m
    JOIN needed n ON n.task = m.task AND n.optimizer = m.optimizer AND n.seeds = m.results
    ORDER BY m.task, m.optimizer, m.schedule, m.tuning_mean, m.learning_rate
  )
  SELECT p.task, p.optimizer, p.schedule, b.learning_rate, nullif(b.tuning_mean, 'Infinity')
  FROM (SELECT DISTINCT s.task, s.optimizer, s.schedule FROM scored s) p
  JOIN needed n ON n.task = p.task AND n.optimizer = p.optimizer
  LEFT JOIN best b ON b.task = p.task AND b.optimizer = p.optimizer AND b.schedule = p.schedule;
END;
--> statement-breakpoint

CREATE FUNCTION stride.judged_pairs_of(wanted integer)
RETURNS TABLE (view text, challenger text, baseline text, task text, optimizer text, seed bigint,
  challenger_learning_rate double precision, baseline_learning_rate double precision, metric text, margin double precision,
  challenger_value double precision, baseline_value double precision, verdict text, log_ratio double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH report AS MATERIALIZED (
    SELECT s.task, s.optimizer, s.schedule, s.learning_rate, s.seed, s.metric, s.margin, s.value
    FROM stride.scored_trials_of(wanted) s
    WHERE s.split = 'report'
  ), tuned AS MATERIALIZED (
    SELECT s.task, s.optimizer, s.schedule, r.learning_rate, s.seed, s.metric, s.margin,
      max(s.value) FILTER (WHERE s.learning_rate = r.learning_rate) AS value
    FROM report s
    JOIN stride.tuned_rates_of(wanted) r ON r.task = s.task AND r.optimizer = s.optimizer AND r.schedule = s.schedule
    GROUP BY s.task, s.optimizer, s.schedule, r.learning_rate, s.seed, s.metric, s.margin
  )
  SELECT 'fixed', c.schedule, b.schedule, c.task, c.optimizer, c.seed, c.learning_rate, b.learning_rate, c.metric, c.margin,
    c.value, b.value, stride.pair_verdict(c.value, b.value, c.margin), stride.capped_log_ratio(c.value, b.value)
  FROM report c
  JOIN report b ON b.task = c.task AND b.optimizer = c.optimizer AND b.learning_rate = c.learning_rate AND b.seed = c.seed
    AND b.schedule <> c.schedule
  UNION ALL
  SELECT 'tuned', c.schedule, b.schedule, c.task, c.optimizer, c.seed, c.learning_rate, b.learning_rate, c.metric, c.margin,
    c.value, b.value, stride.pair_verdict(c.value, b.value, c.margin), stride.capped_log_ratio(c.value, b.value)
  FROM tuned c
  JOIN tuned b ON b.task = c.task AND b.optimizer = c.optimizer AND b.seed = c.seed AND b.schedule <> c.schedule;
END;
--> statement-breakpoint

CREATE FUNCTION stride.pairwise_outcomes_of(wanted integer)
RETURNS TABLE (view text, challenger text, baseline text, task text, optimizer text, seed bigint,
  challenger_learning_rate double precision, baseline_learning_rate double precision, metric text, margin double precision,
  challenger_value double precision, baseline_value double precision, verdict text, log_ratio double precision)
LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
  SELECT * FROM stride.judged_pairs_of(wanted);
END;
--> statement-breakpoint

CREATE FUNCTION stride.win_rates_of(wanted integer)
RETURNS TABLE (view text, challenger text, baseline text, task text, metric text, margin double precision, wins bigint,
  ties bigint, losses bigint, undecided bigint, mean_log_ratio double precision)
LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
  SELECT p.view, p.challenger, p.baseline, CASE WHEN grouping(p.task) = 1 THEN 'all' ELSE p.task END, p.metric, p.margin,
    count(*) FILTER (WHERE p.verdict = 'win'),
    count(*) FILTER (WHERE p.verdict = 'tie'),
    count(*) FILTER (WHERE p.verdict = 'loss'),
    count(*) FILTER (WHERE p.verdict = 'undecided'),
    avg(p.log_ratio)
  FROM stride.judged_pairs_of(wanted) p
  GROUP BY GROUPING SETS (
    (p.view, p.challenger, p.baseline, p.metric, p.margin, p.task),
    (p.view, p.challenger, p.baseline, p.metric, p.margin)
  );
END;
--> statement-breakpoint

CREATE VIEW stride.tuned_rates AS
SELECT s.name AS study, r.*
FROM stride.studies s
CROSS JOIN LATERAL stride.tuned_rates_of(s.study_key) r;
--> statement-breakpoint

CREATE VIEW stride.pairwise_outcomes AS
SELECT s.name AS study, p.*
FROM stride.studies s
CROSS JOIN LATERAL stride.pairwise_outcomes_of(s.study_key) p;
--> statement-breakpoint

CREATE VIEW stride.win_rates AS
SELECT s.name AS study, w.view, w.challenger, w.baseline, w.task, w.metric, w.margin, w.wins, w.ties, w.losses, w.undecided,
  w.wins + w.ties + w.losses + w.undecided AS pairs,
  (w.wins + w.ties / 2.0::double precision) / nullif(w.wins + w.ties + w.losses, 0) AS win_rate,
  (w.wins + w.ties)::double precision / nullif(w.wins + w.ties + w.losses, 0) AS equal_or_better,
  w.mean_log_ratio
FROM stride.studies s
CROSS JOIN LATERAL stride.win_rates_of(s.study_key) w;
