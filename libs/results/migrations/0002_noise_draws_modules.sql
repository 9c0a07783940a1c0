CREATE TABLE "stride"."modules" (
	"sha256" text PRIMARY KEY NOT NULL,
	"source" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "stride"."configurations" DROP CONSTRAINT "configurations_once";--> statement-breakpoint
ALTER TABLE "stride"."configurations" ADD COLUMN "noise" text DEFAULT 'none' NOT NULL;--> statement-breakpoint
ALTER TABLE "stride"."configurations" ADD COLUMN "drawn" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "stride"."configurations" ADD COLUMN "noise_spec" jsonb;--> statement-breakpoint
ALTER TABLE "stride"."curve_chunks" ADD COLUMN "seen_losses" real[];--> statement-breakpoint
ALTER TABLE "stride"."curve_chunks" ADD COLUMN "lowest_rates" real[];--> statement-breakpoint
ALTER TABLE "stride"."curve_chunks" ADD COLUMN "highest_rates" real[];--> statement-breakpoint
ALTER TABLE "stride"."configurations" ADD CONSTRAINT "configurations_once" UNIQUE("study_key","task","optimizer","schedule","learning_rate","noise");