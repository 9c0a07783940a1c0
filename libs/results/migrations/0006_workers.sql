CREATE TYPE "stride"."worker_state" AS ENUM('working', 'draining', 'gone');--> statement-breakpoint
ALTER TABLE "stride"."workers" ADD COLUMN "version" text DEFAULT 'unknown' NOT NULL;--> statement-breakpoint
ALTER TABLE "stride"."workers" ADD COLUMN "slots" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "stride"."workers" ADD COLUMN "concurrency" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "stride"."workers" ADD COLUMN "busy" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "stride"."workers" ADD COLUMN "state" "stride"."worker_state" DEFAULT 'working' NOT NULL;--> statement-breakpoint
ALTER TABLE "stride"."workers" ADD COLUMN "devices" jsonb DEFAULT '[]'::jsonb NOT NULL;