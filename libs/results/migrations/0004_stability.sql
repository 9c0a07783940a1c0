ALTER TABLE "stride"."configurations" ADD COLUMN "stability_spec" jsonb;--> statement-breakpoint
ALTER TABLE "stride"."curve_chunks" ADD COLUMN "bounds" real[];--> statement-breakpoint

-- The views get a column more, at their end, and so keep who may read them.
CREATE OR REPLACE VIEW stride.trial_results AS
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
  g.noise_spec,
  g.stability_spec
FROM stride.trials t
JOIN stride.studies s USING (study_key)
JOIN stride.configurations g USING (configuration_key)
JOIN stride.cohorts c USING (cohort_key)
LEFT JOIN stride.attempts a ON a.cohort_key = c.cohort_key AND a.token = c.token;
--> statement-breakpoint

CREATE OR REPLACE VIEW stride.learning_curves AS
SELECT s.name AS study, t.trial_id, g.task, g.optimizer, g.noise, g.schedule, g.learning_rate AS base_learning_rate,
  t.split::text AS split, t.seed, p.step, p.training_loss, p.learning_rate, NULL::double precision AS evaluation_loss, p.seen_loss,
  p.lowest_rate, p.highest_rate, p.stability_bound
FROM stride.trials t
JOIN stride.studies s USING (study_key)
JOIN stride.configurations g USING (configuration_key)
JOIN stride.curve_chunks k USING (trial_key)
CROSS JOIN LATERAL (
  SELECT k.first_step + (u.place - 1)::int AS step, u.training_loss, u.learning_rate, u.seen_loss, u.lowest_rate, u.highest_rate,
    u.stability_bound
  FROM unnest(k.training_losses, k.learning_rates, k.seen_losses, k.lowest_rates, k.highest_rates, k.bounds)
    WITH ORDINALITY AS u (training_loss, learning_rate, seen_loss, lowest_rate, highest_rate, stability_bound, place)
) p
UNION ALL
SELECT s.name, t.trial_id, g.task, g.optimizer, g.noise, g.schedule, g.learning_rate, t.split::text, t.seed, e.step, NULL::real,
  NULL::double precision, e.loss, NULL::real, NULL::real, NULL::real, NULL::real
FROM stride.trials t
JOIN stride.studies s USING (study_key)
JOIN stride.configurations g USING (configuration_key)
JOIN stride.evaluations e USING (trial_key);
