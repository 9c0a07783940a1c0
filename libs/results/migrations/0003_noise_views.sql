-- The views and what is behind them, anew: a noise is part of a condition, a draw takes part in the tuned view alone, and a study
-- may be judged by the time to a target. The functions on single values stay as they are.
DROP VIEW stride.win_rates, stride.pairwise_outcomes, stride.tuned_rates, stride.learning_curves, stride.trial_results;
--> statement-breakpoint
DROP FUNCTION stride.win_rates_of(integer), stride.pairwise_outcomes_of(integer), stride.judged_pairs_of(integer),
  stride.tuned_rates_of(integer), stride.scored_trials_of(integer);
--> statement-breakpoint

CREATE VIEW stride.trial_results AS
SELECT
  s.name AS study,
  t.trial_id,
  c.cohort_id,
  g.task,
  g.optimizer,
  g.noise,
  g.schedule,
  g.learning_rate,
  g.drawn,
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
  g.schedule_spec,
  g.noise_spec
FROM stride.trials t
JOIN stride.studies s USING (study_key)
JOIN stride.configurations g USING (configuration_key)
JOIN stride.cohorts c USING (cohort_key)
LEFT JOIN stride.attempts a ON a.cohort_key = c.cohort_key AND a.token = c.token;
--> statement-breakpoint

CREATE VIEW stride.learning_curves AS
SELECT s.name AS study, t.trial_id, g.task, g.optimizer, g.noise, g.schedule, g.learning_rate AS base_learning_rate,
  t.split::text AS split, t.seed, p.step, p.training_loss, p.learning_rate, NULL::double precision AS evaluation_loss, p.seen_loss,
  p.lowest_rate, p.highest_rate
FROM stride.trials t
JOIN stride.studies s USING (study_key)
JOIN stride.configurations g USING (configuration_key)
JOIN stride.curve_chunks k USING (trial_key)
CROSS JOIN LATERAL (
  SELECT k.first_step + (u.place - 1)::int AS step, u.training_loss, u.learning_rate, u.seen_loss, u.lowest_rate, u.highest_rate
  FROM unnest(k.training_losses, k.learning_rates, k.seen_losses, k.lowest_rates, k.highest_rates)
    WITH ORDINALITY AS u (training_loss, learning_rate, seen_loss, lowest_rate, highest_rate, place)
) p
UNION ALL
SELECT s.name, t.trial_id, g.task, g.optimizer, g.noise, g.schedule, g.learning_rate, t.split::text, t.seed, e.step, NULL::real,
  NULL::double precision, e.loss, NULL::real, NULL::real, NULL::real
FROM stride.trials t
JOIN stride.studies s USING (study_key)
JOIN stride.configurations g USING (configuration_key)
JOIN stride.evaluations e USING (trial_key);
--> statement-breakpoint

CREATE FUNCTION stride.steps_to_target(wanted integer, target double precision) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT e.step
  FROM stride.evaluations e
  WHERE e.trial_key = wanted AND e.loss <= target
  ORDER BY e.step
  LIMIT 1;
END;
--> statement-breakpoint
COMMENT ON FUNCTION stride.steps_to_target IS
  'The step of the first evaluation of the trial (by its key) whose loss is at most the target; null when none is.';
--> statement-breakpoint

-- Comparisons are computed a study at a time. The planner cannot know how many rows join (its guess is off by the number of
-- tasks times schedules) and would pick nested loops, which take minutes where a hash join takes a second: so they are off.

-- A target of a number is every condition's. That of "baseline" is the least mean over tuning seeds of the baseline's final
-- evaluation losses at one rate, every tuning seed included.
CREATE FUNCTION stride.targets_of(wanted integer)
RETURNS TABLE (task text, optimizer text, noise text, target double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH asked AS MATERIALIZED (
    SELECT s.study_key, s.sweep -> 'analysis' -> 'target' AS target, s.sweep -> 'analysis' ->> 'baseline' AS baseline
    FROM stride.studies s
    WHERE s.study_key = wanted AND s.sweep -> 'analysis' ->> 'metric' IN ('stepsToTarget', 'passesToTarget')
  ), scored AS MATERIALIZED (
    SELECT g.task, g.optimizer, g.noise, g.configuration_key, g.schedule = a.baseline AS baseline, t.seed,
      stride.trial_value(t.result, t.final_evaluation_loss) AS value
    FROM asked a
    JOIN stride.trials t USING (study_key)
    JOIN stride.configurations g USING (configuration_key)
    WHERE t.split = 'tuning' AND a.target = '"baseline"'
  ), needed AS (
    SELECT c.task, c.optimizer, c.noise, count(DISTINCT c.seed) AS seeds
    FROM scored c
    GROUP BY c.task, c.optimizer, c.noise
  ), means AS (
    SELECT c.task, c.optimizer, c.noise, count(c.value) AS results, sum(c.value ORDER BY c.seed) / count(*) AS mean
    FROM scored c
    WHERE c.baseline
    GROUP BY c.task, c.optimizer, c.noise, c.configuration_key
  )
  SELECT m.task, m.optimizer, m.noise, nullif(min(m.mean), 'Infinity')
  FROM means m
  JOIN needed n ON n.task = m.task AND n.optimizer = m.optimizer AND n.noise = m.noise AND n.seeds = m.results
  GROUP BY m.task, m.optimizer, m.noise
  UNION ALL
  SELECT DISTINCT g.task, g.optimizer, g.noise, (a.target #>> '{}')::double precision
  FROM asked a
  JOIN stride.configurations g USING (study_key)
  WHERE jsonb_typeof(a.target) = 'number';
END;
--> statement-breakpoint

CREATE FUNCTION stride.scored_trials_of(wanted integer)
RETURNS TABLE (task text, optimizer text, noise text, schedule text, learning_rate double precision, drawn boolean,
  split stride.split, seed bigint, metric text, margin double precision, value double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT g.task, g.optimizer, g.noise, g.schedule, g.learning_rate, g.drawn, t.split, t.seed,
    coalesce(s.sweep -> 'analysis' ->> 'metric', 'finalEvaluationLoss'),
    coalesce((s.sweep -> 'analysis' ->> 'margin')::double precision, 0.01),
    stride.trial_value(t.result,
      CASE s.sweep -> 'analysis' ->> 'metric'
        WHEN 'bestEvaluationLoss' THEN t.best_evaluation_loss
        WHEN 'areaUnderCurve' THEN t.area_under_curve
        WHEN 'stepsToTarget' THEN CASE
          WHEN t.result = 'completed' AND r.target IS NOT NULL
            THEN coalesce(stride.steps_to_target(t.trial_key, r.target)::double precision, 'Infinity')
        END
        WHEN 'passesToTarget' THEN CASE
          WHEN t.result = 'completed' AND r.target IS NOT NULL
            THEN coalesce((t.forward_passes + t.backward_passes)::double precision
              * stride.steps_to_target(t.trial_key, r.target) / greatest(t.steps_taken, 1), 'Infinity')
        END
        ELSE t.final_evaluation_loss
      END)
  FROM stride.trials t
  JOIN stride.configurations g USING (configuration_key)
  JOIN stride.studies s ON s.study_key = t.study_key
  LEFT JOIN stride.targets_of(wanted) r ON r.task = g.task AND r.optimizer = g.optimizer AND r.noise = g.noise
  WHERE t.study_key = wanted;
END;
--> statement-breakpoint

CREATE FUNCTION stride.tuned_rates_of(wanted integer)
RETURNS TABLE (task text, optimizer text, noise text, schedule text, learning_rate double precision, drawn boolean,
  tuning_mean double precision)
LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
  WITH scored AS MATERIALIZED (
    SELECT * FROM stride.scored_trials_of(wanted)
  ), needed AS (
    SELECT s.task, s.optimizer, s.noise, count(DISTINCT s.seed) AS seeds
    FROM scored s
    WHERE s.split = 'tuning'
    GROUP BY s.task, s.optimizer, s.noise
  ), means AS (
    SELECT s.task, s.optimizer, s.noise, s.schedule, s.learning_rate, s.drawn, count(s.value) AS results,
      sum(s.value ORDER BY s.seed) / count(*) AS tuning_mean
    FROM scored s
    WHERE s.split = 'tuning'
    GROUP BY s.task, s.optimizer, s.noise, s.schedule, s.learning_rate, s.drawn
  ), best AS (
    SELECT DISTINCT ON (m.task, m.optimizer, m.noise, m.schedule) m.task, m.optimizer, m.noise, m.schedule, m.learning_rate,
      m.drawn, m.tuning_mean
    FROM means m
    JOIN needed n ON n.task = m.task AND n.optimizer = m.optimizer AND n.noise = m.noise AND n.seeds = m.results
    ORDER BY m.task, m.optimizer, m.noise, m.schedule, m.tuning_mean, m.learning_rate
  )
  SELECT p.task, p.optimizer, p.noise, p.schedule, b.learning_rate, coalesce(b.drawn, false), nullif(b.tuning_mean, 'Infinity')
  FROM (SELECT DISTINCT s.task, s.optimizer, s.noise, s.schedule FROM scored s) p
  JOIN needed n ON n.task = p.task AND n.optimizer = p.optimizer AND n.noise = p.noise
  LEFT JOIN best b ON b.task = p.task AND b.optimizer = p.optimizer AND b.noise = p.noise AND b.schedule = p.schedule;
END;
--> statement-breakpoint

CREATE FUNCTION stride.judged_pairs_of(wanted integer)
RETURNS TABLE (view text, challenger text, baseline text, task text, optimizer text, noise text, seed bigint,
  challenger_learning_rate double precision, baseline_learning_rate double precision, metric text, margin double precision,
  challenger_value double precision, baseline_value double precision, verdict text, log_ratio double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH report AS MATERIALIZED (
    SELECT s.task, s.optimizer, s.noise, s.schedule, s.learning_rate, s.drawn, s.seed, s.metric, s.margin, s.value
    FROM stride.scored_trials_of(wanted) s
    WHERE s.split = 'report'
  ), tuned AS MATERIALIZED (
    SELECT s.task, s.optimizer, s.noise, s.schedule, r.learning_rate, s.seed, s.metric, s.margin,
      max(s.value) FILTER (WHERE s.learning_rate = r.learning_rate) AS value
    FROM report s
    JOIN stride.tuned_rates_of(wanted) r ON r.task = s.task AND r.optimizer = s.optimizer AND r.noise = s.noise
      AND r.schedule = s.schedule
    GROUP BY s.task, s.optimizer, s.noise, s.schedule, r.learning_rate, s.seed, s.metric, s.margin
  )
  SELECT 'fixed',
    c.schedule, b.schedule, c.task, c.optimizer, c.noise, c.seed, c.learning_rate, b.learning_rate, c.metric, c.margin, c.value,
    b.value, stride.pair_verdict(c.value, b.value, c.margin), stride.capped_log_ratio(c.value, b.value)
  FROM report c
  JOIN report b ON b.task = c.task AND b.optimizer = c.optimizer AND b.noise = c.noise AND b.learning_rate = c.learning_rate
    AND b.seed = c.seed AND b.schedule <> c.schedule
  WHERE NOT c.drawn AND NOT b.drawn -- Draws differ in more than their rates.
  UNION ALL
  SELECT 'tuned',
    c.schedule, b.schedule, c.task, c.optimizer, c.noise, c.seed, c.learning_rate, b.learning_rate, c.metric, c.margin, c.value,
    b.value, stride.pair_verdict(c.value, b.value, c.margin), stride.capped_log_ratio(c.value, b.value)
  FROM tuned c
  JOIN tuned b ON b.task = c.task AND b.optimizer = c.optimizer AND b.noise = c.noise AND b.seed = c.seed
    AND b.schedule <> c.schedule;
END;
--> statement-breakpoint

CREATE FUNCTION stride.pairwise_outcomes_of(wanted integer)
RETURNS TABLE (view text, challenger text, baseline text, task text, optimizer text, noise text, seed bigint,
  challenger_learning_rate double precision, baseline_learning_rate double precision, metric text, margin double precision,
  challenger_value double precision, baseline_value double precision, verdict text, log_ratio double precision)
LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
  SELECT * FROM stride.judged_pairs_of(wanted);
END;
--> statement-breakpoint

CREATE FUNCTION stride.win_rates_of(wanted integer)
RETURNS TABLE (view text, challenger text, baseline text, task text, noise text, metric text, margin double precision, wins bigint,
  ties bigint, losses bigint, undecided bigint, mean_log_ratio double precision)
LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
  WITH counted AS (
    SELECT p.view, p.challenger, p.baseline, p.task, p.noise, p.metric, p.margin,
      count(*) FILTER (WHERE p.verdict = 'win') AS wins,
      count(*) FILTER (WHERE p.verdict = 'tie') AS ties,
      count(*) FILTER (WHERE p.verdict = 'loss') AS losses,
      count(*) FILTER (WHERE p.verdict = 'undecided') AS undecided,
      count(p.log_ratio) AS ratios,
      sum(p.log_ratio) AS log_ratio_sum
    FROM stride.judged_pairs_of(wanted) p
    GROUP BY p.view, p.challenger, p.baseline, p.task, p.noise, p.metric, p.margin
  )
  SELECT c.view, c.challenger, c.baseline, CASE WHEN grouping(c.task) = 1 THEN 'all' ELSE c.task END,
    CASE WHEN grouping(c.noise) = 1 THEN 'all' ELSE c.noise END, c.metric, c.margin,
    sum(c.wins)::bigint, sum(c.ties)::bigint, sum(c.losses)::bigint, sum(c.undecided)::bigint,
    sum(c.log_ratio_sum) / nullif(sum(c.ratios), 0)::double precision
  FROM counted c
  GROUP BY c.view, c.challenger, c.baseline, c.metric, c.margin, CUBE (c.task, c.noise);
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
SELECT s.name AS study, w.view, w.challenger, w.baseline, w.task, w.noise, w.metric, w.margin, w.wins, w.ties, w.losses,
  w.undecided,
  w.wins + w.ties + w.losses + w.undecided AS pairs,
  (w.wins + w.ties / 2.0::double precision) / nullif(w.wins + w.ties + w.losses, 0) AS win_rate,
  (w.wins + w.ties)::double precision / nullif(w.wins + w.ties + w.losses, 0) AS equal_or_better,
  w.mean_log_ratio
FROM stride.studies s
CROSS JOIN LATERAL stride.win_rates_of(s.study_key) w;
