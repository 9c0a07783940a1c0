import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { taskSpecSchema } from "@stride/tasks/spec";
import { z } from "zod";
import { logGrid } from "../log-grid.js";
import { noiseSchema } from "../noise.js";
import { rangeSchema } from "../random-search.js";
import { rateSpecSchema } from "../schemas.js";
import { stabilitySchema } from "../stability.js";

/** The most a study may hold, so that a slip of the keyboard does not fill a database. */
export const limits = { trials: 200_000, steps: 10_000_000, stepsOfAllTrials: 10_000_000_000 } as const;

/** Report seeds count from here, tuning seeds from 0: more of either never turns one into the other. */
export const firstReportSeed = 1_000;

export const studyName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9])?$/)
  .meta({
    title:
      "a name of at most 100 lower-case letters, digits, '.', '_' and '-' that begins and ends with a letter or digit",
  });

const scheduleName = z
  .string()
  .regex(/^[\p{L}\p{N}]([\p{L}\p{N} ._+@()=-]{0,98}[\p{L}\p{N})])?$/u)
  .meta({
    title: "a name of at most 100 letters, digits, spaces and . _ + @ ( ) = - that begins with a letter or digit",
  });

const rate = z.number().gt(0).max(1e6);
const list = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(10_000);

const logGridSchema = z
  .strictObject({
    from: rate,
    to: rate,
    points: z.int().min(1).max(1_000),
  })
  .refine(({ from, to, points }) => (points === 1 ? from === to : from < to), {
    path: ["to"],
    error: "must be above from (and equal to it with one point)",
  })
  .refine((grid) => new Set(logGrid(grid)).size === grid.points, {
    path: ["points"],
    error: "must be fewer: from and to are too close for so many different rates",
  });

const metrics = [
  "finalEvaluationLoss",
  "bestEvaluationLoss",
  "areaUnderCurve",
  "stepsToTarget",
  "passesToTarget",
] as const;

/** Kinds or labels of what a schedule is combined with. */
const onlySchema = z
  .strictObject({
    tasks: z.array(z.string()).min(1).optional(),
    optimizers: z.array(z.string()).min(1).optional(),
  })
  .meta({ title: "a mapping like { optimizers: [adam], tasks: [mlp] }" });

const searchSchema = z
  .strictObject({
    draws: z.int().min(1).max(10_000),
    seed: z.int().min(0).default(0),
    learningRate: z
      .strictObject({ from: rate, to: rate })
      .refine(({ from, to }) => from < to, { path: ["to"], error: "must be above from" })
      .meta({ title: "a mapping like { from: 0.001, to: 1 }" })
      .optional(),
  })
  .meta({ title: "a mapping like { draws: 20, seed: 0, learningRate: { from: 0.001, to: 1 } }" });

/** How a study's results are compared unless its reader says otherwise; see docs/statistics.md. */
export const analysisSchema = z.strictObject({
  metric: z.enum(metrics).default("finalEvaluationLoss"),
  /** Relative difference that still is a tie. */
  margin: z.number().min(0).lt(1).default(0.01),
  /** The schedule the others are compared with; the first one when left out. */
  baseline: z.string(),
  /** Of the intervals. */
  confidence: z.number().gt(0).lt(1).default(0.95),
  /** Of the bootstrap. */
  seed: z.int().min(0).default(0),
  /** The loss that stepsToTarget and passesToTarget count up to; "baseline": what the baseline reaches at its tuned rate. */
  target: z.union([z.number().meta({ title: "a loss" }), z.literal("baseline").meta({ title: "baseline" })]).optional(),
});
export type Analysis = z.infer<typeof analysisSchema>;

/** The sweep file, with each schedule's name set apart from its spec. */
export const sweepFileSchema = z.strictObject({
  study: studyName,
  tasks: list(taskSpecSchema),
  optimizers: list(optimizerSpecSchema).optional(),
  schedules: list(
    z
      .strictObject({
        name: scheduleName.optional(),
        only: onlySchema.optional(),
        search: z
          .record(z.string(), rangeSchema)
          .meta({ title: "a mapping like { patience: { from: 1, to: 50, scale: log, whole: true } }" })
          .optional(),
        /** Short for `stability: { clip: true }`. */
        clip: z.literal("stability").optional(),
        stability: stabilitySchema.meta({ title: "a mapping like { bound: ray, fraction: 1, clip: true }" }).optional(),
        schedule: rateSpecSchema,
      })
      .refine(({ clip, stability }) => clip === undefined || stability === undefined, {
        path: ["clip"],
        error: "must be left out beside stability: write stability: { clip: true, … }",
      })
      .meta({ title: "a mapping like { name: slow, kind: cosine }" }),
  ),
  learningRates: z.union([
    list(rate),
    z
      .strictObject({ logGrid: logGridSchema })
      .meta({ title: "a mapping like { logGrid: { from: 0.001, to: 1, points: 7 } }" }),
  ]),
  seeds: z
    .strictObject({
      tuning: z.int().min(0).max(firstReportSeed),
      report: z.int().min(1).max(100_000),
    })
    .meta({ title: "a mapping like { tuning: 3, report: 10 }" }),
  steps: z.int().min(1).max(limits.steps),
  evaluate: z
    .strictObject({ every: z.int().min(1).max(limits.steps) })
    .meta({ title: "a mapping like { every: 100 }" })
    .optional(),
  search: searchSchema.optional(),
  noise: z
    .union([
      z.literal("none").meta({ title: "none" }),
      list(z.union([z.literal("none"), noiseSchema])).meta({
        title: "a list like [none, { kind: gradient, strength: 0.1 }]",
      }),
    ])
    .default("none"),
  analysis: analysisSchema
    .extend({ baseline: z.string().optional() })
    .meta({ title: "a mapping like { metric: finalEvaluationLoss, margin: 0.01 }" })
    .optional(),
});
export type SweepFile = z.infer<typeof sweepFileSchema>;
