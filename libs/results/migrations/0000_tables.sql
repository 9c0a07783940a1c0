CREATE SCHEMA IF NOT EXISTS "stride";
--> statement-breakpoint
CREATE TYPE "stride"."attempt_end" AS ENUM('finished', 'failed', 'handed-back', 'interrupted', 'superseded');--> statement-breakpoint
CREATE TYPE "stride"."cohort_state" AS ENUM('planned', 'running', 'finished', 'failed', 'cancelled');--> statement-breakpoint
CREATE TYPE "stride"."result_kind" AS ENUM('completed', 'diverged');--> statement-breakpoint
CREATE TYPE "stride"."split" AS ENUM('tuning', 'report');--> statement-breakpoint
CREATE TYPE "stride"."study_state" AS ENUM('running', 'paused', 'cancelled');--> statement-breakpoint
CREATE TABLE "stride"."attempts" (
	"cohort_key" integer NOT NULL,
	"token" integer NOT NULL,
	"worker_id" text NOT NULL,
	"executor" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"step" integer DEFAULT 0 NOT NULL,
	"ended_at" timestamp with time zone,
	"ending" "stride"."attempt_end",
	"message" text,
	CONSTRAINT "attempts_cohort_key_token_pk" PRIMARY KEY("cohort_key","token")
);
--> statement-breakpoint
CREATE TABLE "stride"."cohorts" (
	"cohort_key" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "stride"."cohorts_cohort_key_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"cohort_id" text NOT NULL,
	"study_key" integer NOT NULL,
	"state" "stride"."cohort_state" DEFAULT 'planned' NOT NULL,
	"token" integer DEFAULT 0 NOT NULL,
	"forgiven_token" integer DEFAULT 0 NOT NULL,
	"trial_count" integer NOT NULL,
	"steps" integer NOT NULL,
	"completed" integer DEFAULT 0 NOT NULL,
	"diverged" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "cohorts_cohort_id_unique" UNIQUE("cohort_id")
);
--> statement-breakpoint
CREATE TABLE "stride"."configurations" (
	"configuration_key" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "stride"."configurations_configuration_key_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"study_key" integer NOT NULL,
	"task" text NOT NULL,
	"optimizer" text NOT NULL,
	"schedule" text NOT NULL,
	"learning_rate" double precision NOT NULL,
	"steps" integer NOT NULL,
	"evaluate_every" integer NOT NULL,
	"task_spec" jsonb NOT NULL,
	"optimizer_spec" jsonb NOT NULL,
	"schedule_spec" jsonb NOT NULL,
	CONSTRAINT "configurations_once" UNIQUE("study_key","task","optimizer","schedule","learning_rate")
);
--> statement-breakpoint
CREATE TABLE "stride"."curve_chunks" (
	"trial_key" integer NOT NULL,
	"first_step" integer NOT NULL,
	"training_losses" real[] NOT NULL,
	"learning_rates" double precision[] NOT NULL,
	CONSTRAINT "curve_chunks_trial_key_first_step_pk" PRIMARY KEY("trial_key","first_step")
);
--> statement-breakpoint
CREATE TABLE "stride"."evaluations" (
	"trial_key" integer NOT NULL,
	"step" integer NOT NULL,
	"loss" double precision NOT NULL,
	CONSTRAINT "evaluations_trial_key_step_pk" PRIMARY KEY("trial_key","step")
);
--> statement-breakpoint
CREATE TABLE "stride"."studies" (
	"study_key" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "stride"."studies_study_key_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"state" "stride"."study_state" DEFAULT 'running' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"sweep" jsonb NOT NULL,
	"source" text NOT NULL,
	CONSTRAINT "studies_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "stride"."trials" (
	"trial_key" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "stride"."trials_trial_key_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"study_key" integer NOT NULL,
	"cohort_key" integer NOT NULL,
	"configuration_key" integer NOT NULL,
	"seed" bigint NOT NULL,
	"split" "stride"."split" NOT NULL,
	"result" "stride"."result_kind",
	"final_evaluation_loss" double precision,
	"best_evaluation_loss" double precision,
	"area_under_curve" double precision,
	"forward_passes" bigint,
	"backward_passes" bigint,
	"seconds" double precision,
	"steps_taken" integer,
	"position" smallint NOT NULL,
	"trial_id" text NOT NULL,
	CONSTRAINT "trials_trial_id_unique" UNIQUE("trial_id"),
	CONSTRAINT "trials_once" UNIQUE("configuration_key","split","seed"),
	CONSTRAINT "trials_in_order" UNIQUE("cohort_key","position")
);
--> statement-breakpoint
CREATE TABLE "stride"."workers" (
	"worker_id" text PRIMARY KEY NOT NULL,
	"executor" text NOT NULL,
	"first_seen_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "stride"."attempts" ADD CONSTRAINT "attempts_cohort_key_cohorts_cohort_key_fk" FOREIGN KEY ("cohort_key") REFERENCES "stride"."cohorts"("cohort_key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stride"."attempts" ADD CONSTRAINT "attempts_worker_id_workers_worker_id_fk" FOREIGN KEY ("worker_id") REFERENCES "stride"."workers"("worker_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stride"."cohorts" ADD CONSTRAINT "cohorts_study_key_studies_study_key_fk" FOREIGN KEY ("study_key") REFERENCES "stride"."studies"("study_key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stride"."configurations" ADD CONSTRAINT "configurations_study_key_studies_study_key_fk" FOREIGN KEY ("study_key") REFERENCES "stride"."studies"("study_key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stride"."trials" ADD CONSTRAINT "trials_cohort_key_cohorts_cohort_key_fk" FOREIGN KEY ("cohort_key") REFERENCES "stride"."cohorts"("cohort_key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stride"."trials" ADD CONSTRAINT "trials_configuration_key_configurations_configuration_key_fk" FOREIGN KEY ("configuration_key") REFERENCES "stride"."configurations"("configuration_key") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cohorts_of_study" ON "stride"."cohorts" USING btree ("study_key");--> statement-breakpoint
CREATE INDEX "cohorts_unfinished" ON "stride"."cohorts" USING btree ("study_key","cohort_key") WHERE "stride"."cohorts"."state" in ('planned', 'running');--> statement-breakpoint
CREATE INDEX "trials_of_study" ON "stride"."trials" USING btree ("study_key","trial_key");