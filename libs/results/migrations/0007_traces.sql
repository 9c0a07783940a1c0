ALTER TABLE "stride"."cohorts" ADD COLUMN "waiting_since" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "stride"."studies" ADD COLUMN "resumed_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "stride"."studies" ADD COLUMN "trace_parent" text;--> statement-breakpoint
CREATE INDEX "attempts_of_ending" ON "stride"."attempts" USING btree ("ending");