CREATE TYPE "stride"."cohort_kind" AS ENUM('trials', 'episodes', 'update');--> statement-breakpoint
CREATE TYPE "stride"."episode_purpose" AS ENUM('train', 'validation');--> statement-breakpoint
CREATE TABLE "stride"."episodes" (
	"cohort_key" integer NOT NULL,
	"study_key" integer NOT NULL,
	"iteration" integer NOT NULL,
	"position" integer NOT NULL,
	"episode_index" integer NOT NULL,
	"purpose" "stride"."episode_purpose" NOT NULL,
	"diverged" boolean NOT NULL,
	"decisions" integer NOT NULL,
	"steps" integer NOT NULL,
	"seed" bigint NOT NULL,
	"learning_rate" double precision NOT NULL,
	"return" double precision NOT NULL,
	"entropy" double precision NOT NULL,
	"final_evaluation_loss" double precision NOT NULL,
	"forward_passes" bigint NOT NULL,
	"backward_passes" bigint NOT NULL,
	"seconds" double precision NOT NULL,
	"task" text NOT NULL,
	"trajectory" "bytea" NOT NULL,
	CONSTRAINT "episodes_cohort_key_episode_index_pk" PRIMARY KEY("cohort_key","episode_index")
);
--> statement-breakpoint
CREATE TABLE "stride"."policies" (
	"policy_key" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "stride"."policies_policy_key_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"study_key" integer NOT NULL,
	"version" integer NOT NULL,
	"parent" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"name" text NOT NULL,
	"algorithm" text NOT NULL,
	"sha256" text NOT NULL,
	"document" text NOT NULL,
	"statistics" jsonb NOT NULL,
	CONSTRAINT "policies_once" UNIQUE("name","version"),
	CONSTRAINT "policies_in_order" UNIQUE("study_key","version")
);
--> statement-breakpoint
ALTER TABLE "stride"."cohorts" ADD COLUMN "kind" "stride"."cohort_kind" DEFAULT 'trials' NOT NULL;--> statement-breakpoint
ALTER TABLE "stride"."cohorts" ADD COLUMN "iteration" integer;--> statement-breakpoint
ALTER TABLE "stride"."cohorts" ADD COLUMN "position" integer;--> statement-breakpoint
ALTER TABLE "stride"."episodes" ADD CONSTRAINT "episodes_cohort_key_cohorts_cohort_key_fk" FOREIGN KEY ("cohort_key") REFERENCES "stride"."cohorts"("cohort_key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stride"."policies" ADD CONSTRAINT "policies_study_key_studies_study_key_fk" FOREIGN KEY ("study_key") REFERENCES "stride"."studies"("study_key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "episodes_of_iteration" ON "stride"."episodes" USING btree ("study_key","iteration");--> statement-breakpoint

-- Episodes as analysts read them: without their trajectories.
CREATE VIEW stride.episode_results AS
SELECT s.name AS study, p.name AS policy, e.iteration AS version, e.purpose::text AS purpose, e.position, e.episode_index, e.task, e.seed,
  e.learning_rate, e.return, e.entropy, e.decisions, e.steps, e.diverged, e.final_evaluation_loss, e.forward_passes, e.backward_passes,
  e.seconds
FROM stride.episodes e
JOIN stride.studies s USING (study_key)
JOIN stride.policies p ON p.study_key = e.study_key AND p.version = e.iteration;
--> statement-breakpoint

-- One row a policy's version: how it did in training (with exploration) and in validation, and what the update that made it told.
CREATE VIEW stride.policy_versions AS
SELECT p.name, p.version, p.parent, s.name AS study, p.algorithm, p.sha256, p.created_at,
  t.episodes AS training_episodes, t.mean_return AS training_return, t.divergence AS training_divergence, t.entropy AS training_entropy,
  v.episodes AS validation_episodes, v.mean_return AS validation_return, v.divergence AS validation_divergence,
  p.statistics
FROM stride.policies p
JOIN stride.studies s USING (study_key)
LEFT JOIN LATERAL (
  SELECT count(*) AS episodes, avg(e.return) AS mean_return, avg(e.diverged::int) AS divergence,
    sum(e.entropy * e.decisions) / nullif(sum(e.decisions), 0) AS entropy
  FROM stride.episodes e WHERE e.study_key = p.study_key AND e.iteration = p.version AND e.purpose = 'train'
) t ON true
LEFT JOIN LATERAL (
  SELECT count(*) AS episodes, avg(e.return) AS mean_return, avg(e.diverged::int) AS divergence
  FROM stride.episodes e WHERE e.study_key = p.study_key AND e.iteration = p.version AND e.purpose = 'validation'
) v ON true;
