import { rules } from "./registry.js";
import type { ScheduleKind } from "./rule.js";

/** What can set the learning rate. */
export const scheduleKinds: readonly ScheduleKind[] = rules.map(
  ({ kind, description, source, parameters, example }) => ({
    kind,
    description,
    source,
    parameters,
    ...(example === undefined ? {} : { example }),
  }),
);

export { describeSchedule } from "./describe.js";
export { type Actions, actionsSchema, type PolicyDocument, policyDocumentSchema } from "./policy/document.js";
export { describeFeatures, featureNames } from "./policy/features.js";
export { type InitialPolicyOptions, initialPolicy } from "./policy/initial.js";
export { decisions, type ScheduleSpec, scheduleSpecSchema, warnings } from "./registry.js";
export type { Decisions, ScheduleKind, ScheduleParameter, WarningOptions } from "./rule.js";
