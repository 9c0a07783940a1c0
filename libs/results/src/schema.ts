import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  unique,
} from "drizzle-orm/pg-core";

/** Everything of Stride's lives in this schema; BullMQ's tables, when the queue is on Postgres, in another. */
export const stride = pgSchema("stride");

export const studyState = stride.enum("study_state", ["running", "paused", "cancelled"]);
export const cohortState = stride.enum("cohort_state", ["planned", "running", "finished", "failed", "cancelled"]);
/** What a cohort's row stands for: trials, or work of an agent's iteration. */
export const cohortKind = stride.enum("cohort_kind", ["trials", "episodes", "update"]);
export const episodePurpose = stride.enum("episode_purpose", ["train", "validation"]);
export const split = stride.enum("split", ["tuning", "report"]);
export const resultKind = stride.enum("result_kind", ["completed", "diverged"]);
export const attemptEnd = stride.enum("attempt_end", [
  "finished",
  "failed",
  "handed-back",
  "interrupted",
  "superseded",
]);

export const workerState = stride.enum("worker_state", ["working", "draining", "gone"]);

const time = (name: string) => timestamp(name, { withTimezone: true });

/** One row a study. */
export const studies = stride.table("studies", {
  studyKey: integer("study_key").primaryKey().generatedAlwaysAsIdentity(),
  name: text("name").notNull().unique(),
  state: studyState("state").notNull().default("running"),
  createdAt: time("created_at").notNull().defaultNow(),
  /** The sweep file last submitted, as parsed and as written. */
  sweep: jsonb("sweep").notNull(),
  source: text("source").notNull(),
  /** When it last began or went on to run: work waits from then on. */
  resumedAt: time("resumed_at").notNull().defaultNow(),
  /** W3C trace context of the last submission that was traced: delivery continues its trace. */
  traceParent: text("trace_parent"),
});

/** All of a trial's spec but its seed and split: what the trials of one cell of the grid share, stored once. */
export const configurations = stride.table(
  "configurations",
  {
    configurationKey: integer("configuration_key").primaryKey().generatedAlwaysAsIdentity(),
    studyKey: integer("study_key")
      .notNull()
      .references(() => studies.studyKey, { onDelete: "cascade" }),
    task: text("task").notNull(),
    optimizer: text("optimizer").notNull(),
    schedule: text("schedule").notNull(),
    learningRate: doublePrecision("learning_rate").notNull(),
    /** The noise's label; "none" without one. */
    noise: text("noise").notNull().default("none"),
    /** Whether rate and schedule parameters were drawn: then `schedule_spec` is this configuration's own. */
    drawn: boolean("drawn").notNull().default(false),
    steps: integer("steps").notNull(),
    evaluateEvery: integer("evaluate_every").notNull(),
    taskSpec: jsonb("task_spec").notNull(),
    optimizerSpec: jsonb("optimizer_spec").notNull(),
    scheduleSpec: jsonb("schedule_spec").notNull(),
    noiseSpec: jsonb("noise_spec"),
    stabilitySpec: jsonb("stability_spec"),
  },
  (table) => [
    unique("configurations_once").on(
      ...[table.studyKey, table.task, table.optimizer],
      ...[table.schedule, table.learningRate, table.noise],
    ),
  ],
);

/** The unit of delivery. `token` is that of its newest attempt; attempts up to `forgiven_token` no longer count. */
export const cohorts = stride.table(
  "cohorts",
  {
    cohortKey: integer("cohort_key").primaryKey().generatedAlwaysAsIdentity(),
    cohortId: text("cohort_id").notNull().unique(),
    studyKey: integer("study_key")
      .notNull()
      .references(() => studies.studyKey, { onDelete: "cascade" }),
    state: cohortState("state").notNull().default("planned"),
    token: integer("token").notNull().default(0),
    forgivenToken: integer("forgiven_token").notNull().default(0),
    trialCount: integer("trial_count").notNull(),
    steps: integer("steps").notNull(),
    completed: integer("completed").notNull().default(0),
    diverged: integer("diverged").notNull().default(0),
    kind: cohortKind("kind").notNull().default("trials"),
    /** Of an agent's work: the iteration, and the batch's place in it. */
    iteration: integer("iteration"),
    position: integer("position"),
    /** When it was last planned: added, handed back, failed with attempts left, or retried. */
    waitingSince: time("waiting_since").notNull().defaultNow(),
  },
  (table) => [
    index("cohorts_of_study").on(table.studyKey),
    index("cohorts_unfinished")
      .on(table.studyKey, table.cohortKey)
      .where(sql`${table.state} in ('planned', 'running')`),
  ],
);

/** The narrow summary of a trial. What it found is null until its cohort is finished, and then never changes. */
export const trials = stride.table(
  "trials",
  {
    // Columns of fixed width come first: reading the later ones then skips over nothing.
    trialKey: integer("trial_key").primaryKey().generatedAlwaysAsIdentity(),
    studyKey: integer("study_key").notNull(),
    cohortKey: integer("cohort_key")
      .notNull()
      .references(() => cohorts.cohortKey, { onDelete: "cascade" }),
    configurationKey: integer("configuration_key")
      .notNull()
      .references(() => configurations.configurationKey),
    seed: bigint("seed", { mode: "number" }).notNull(),
    split: split("split").notNull(),
    result: resultKind("result"),
    finalEvaluationLoss: doublePrecision("final_evaluation_loss"),
    bestEvaluationLoss: doublePrecision("best_evaluation_loss"),
    areaUnderCurve: doublePrecision("area_under_curve"),
    forwardPasses: bigint("forward_passes", { mode: "number" }),
    backwardPasses: bigint("backward_passes", { mode: "number" }),
    seconds: doublePrecision("seconds"),
    stepsTaken: integer("steps_taken"),
    position: smallint("position").notNull(),
    trialId: text("trial_id").notNull().unique(),
  },
  (table) => [
    unique("trials_once").on(table.configurationKey, table.split, table.seed),
    unique("trials_in_order").on(table.cohortKey, table.position),
    index("trials_of_study").on(table.studyKey, table.trialKey),
  ],
);

/** One execution of a cohort by a worker; open while `ending` is null. */
export const attempts = stride.table(
  "attempts",
  {
    cohortKey: integer("cohort_key")
      .notNull()
      .references(() => cohorts.cohortKey, { onDelete: "cascade" }),
    token: integer("token").notNull(),
    workerId: text("worker_id").notNull(),
    executor: text("executor").notNull(),
    startedAt: time("started_at").notNull(),
    lastSeenAt: time("last_seen_at").notNull(),
    step: integer("step").notNull().default(0),
    endedAt: time("ended_at"),
    ending: attemptEnd("ending"),
    message: text("message"),
  },
  (table) => [
    primaryKey({ columns: [table.cohortKey, table.token] }),
    foreignKey({ columns: [table.workerId], foreignColumns: [workers.workerId] }),
    index("attempts_of_ending").on(table.ending),
  ],
);

/** A stretch of one trial's curve: entry i (from 0) of each array belongs to step `first_step` + i. */
export const curveChunks = stride.table(
  "curve_chunks",
  {
    trialKey: integer("trial_key").notNull(),
    firstStep: integer("first_step").notNull(),
    trainingLosses: real("training_losses").array().notNull(),
    learningRates: doublePrecision("learning_rates").array().notNull(),
    /** What the rule saw, where that is not the training loss. */
    seenLosses: real("seen_losses").array(),
    /** The spread of rates within a step, where there is one. */
    lowestRates: real("lowest_rates").array(),
    highestRates: real("highest_rates").array(),
    /** The largest stable rate of each step, where the trial asks for it. */
    bounds: real("bounds").array(),
  },
  (table) => [primaryKey({ columns: [table.trialKey, table.firstStep] })],
);

/** Held-out loss after `step` updates. */
export const evaluations = stride.table(
  "evaluations",
  {
    trialKey: integer("trial_key").notNull(),
    step: integer("step").notNull(),
    loss: doublePrecision("loss").notNull(),
  },
  (table) => [primaryKey({ columns: [table.trialKey, table.step] })],
);

/** Every worker that ever opened an attempt or announced itself; what it is and does is what it announced last. */
export const workers = stride.table("workers", {
  workerId: text("worker_id").primaryKey(),
  executor: text("executor").notNull(),
  firstSeenAt: time("first_seen_at").notNull(),
  lastSeenAt: time("last_seen_at").notNull(),
  version: text("version").notNull().default("unknown"),
  slots: integer("slots").notNull().default(1),
  concurrency: integer("concurrency").notNull().default(1),
  busy: integer("busy").notNull().default(0),
  state: workerState("state").notNull().default("working"),
  devices: jsonb("devices").notNull().default([]),
});

/** Sources of the users' modules that specs name, under the SHA-256 of their UTF-8 text in hex. */
export const modules = stride.table("modules", {
  sha256: text("sha256").primaryKey(),
  source: text("source").notNull(),
});

const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** What agents learned, one row a version; a name belongs to one study. */
export const policies = stride.table(
  "policies",
  {
    policyKey: integer("policy_key").primaryKey().generatedAlwaysAsIdentity(),
    studyKey: integer("study_key")
      .notNull()
      .references(() => studies.studyKey, { onDelete: "cascade" }),
    /** Updates before it. */
    version: integer("version").notNull(),
    /** The version it was learned from; null for version 0. */
    parent: integer("parent"),
    createdAt: time("created_at").notNull().defaultNow(),
    name: text("name").notNull(),
    algorithm: text("algorithm").notNull(),
    /** Of the document, in hex. */
    sha256: text("sha256").notNull(),
    document: text("document").notNull(),
    /** What the update that made it told. */
    statistics: jsonb("statistics").notNull(),
  },
  (table) => [
    unique("policies_once").on(table.name, table.version),
    unique("policies_in_order").on(table.studyKey, table.version),
  ],
);

/** Trainings that agents lived through: a summary each, and the whole trajectory beside it. */
export const episodes = stride.table(
  "episodes",
  {
    cohortKey: integer("cohort_key")
      .notNull()
      .references(() => cohorts.cohortKey, { onDelete: "cascade" }),
    studyKey: integer("study_key").notNull(),
    /** Of its batch: policy version `iteration` acted. */
    iteration: integer("iteration").notNull(),
    /** Of its batch in the iteration, and its own in the batch. */
    position: integer("position").notNull(),
    episodeIndex: integer("episode_index").notNull(),
    purpose: episodePurpose("purpose").notNull(),
    diverged: boolean("diverged").notNull(),
    decisions: integer("decisions").notNull(),
    steps: integer("steps").notNull(),
    seed: bigint("seed", { mode: "number" }).notNull(),
    learningRate: doublePrecision("learning_rate").notNull(),
    /** The sum of its rewards. */
    return: doublePrecision("return").notNull(),
    /** Mean over its decisions. */
    entropy: doublePrecision("entropy").notNull(),
    finalEvaluationLoss: doublePrecision("final_evaluation_loss").notNull(),
    forwardPasses: bigint("forward_passes", { mode: "number" }).notNull(),
    backwardPasses: bigint("backward_passes", { mode: "number" }).notNull(),
    seconds: doublePrecision("seconds").notNull(),
    task: text("task").notNull(),
    /** float32, little-endian, one after the other: features [decisions, features], actions, log-probabilities, entropies, rewards. */
    trajectory: bytea("trajectory").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.cohortKey, table.episodeIndex] }),
    index("episodes_of_iteration").on(table.studyKey, table.iteration),
  ],
);
