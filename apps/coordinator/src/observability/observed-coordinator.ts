import type { ObservedCall } from "@stride/rpc";
import type { Metrics } from "@stride/telemetry";
import type { StrideLaboratory } from "../connection.js";
import { callObserver } from "./calls.js";
import type { Log } from "./log.js";
import { observedLaboratory } from "./observed-laboratory.js";
import { observedReporter, type Reporter } from "./observed-reporter.js";
import { studiesOfCohorts } from "./studies-of-cohorts.js";

/** What a coordinator tells of itself, and to whom. */
export interface Observation {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Where a coordinator is watched: at its calls, its laboratory, its reporter and its deliveries. */
export interface Observer {
  readonly onCall: ((call: ObservedCall) => void) | undefined;
  laboratory(laboratory: StrideLaboratory): StrideLaboratory;
  reporter<Rest extends Reporter>(reporter: Rest): Rest;
  onDelivered(cohorts: readonly { readonly cohortId: string; readonly studyName: string }[]): void;
}

/** Leaves everything as it is where nobody watches. */
export function createObserver(observation: Observation | undefined): Observer {
  if (observation === undefined) {
    return { onCall: undefined, laboratory: (same) => same, reporter: (same) => same, onDelivered: () => {} };
  }
  const studies = studiesOfCohorts();
  return {
    onCall: callObserver(observation),
    laboratory: (laboratory) => observedLaboratory(laboratory, observation.log),
    reporter: (reporter) => ({ ...reporter, ...observedReporter(reporter, { ...observation, studies }) }),
    onDelivered(cohorts) {
      studies.remember(cohorts);
      observation.log.debug({ cohorts: cohorts.length }, "cohorts delivered");
    },
  };
}
