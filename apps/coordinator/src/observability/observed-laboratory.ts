import type { StrideLaboratory } from "../connection.js";
import type { Log } from "./log.js";

/** The laboratory with a line in the log for whatever changes a study. */
export function observedLaboratory(laboratory: StrideLaboratory, log: Log): StrideLaboratory {
  return {
    ...laboratory,
    async submit(submission) {
      const submitted = await laboratory.submit(submission);
      const { study, added, existing, cohorts } = submitted;
      log.info({ study, added, existing, cohorts }, "study submitted");
      return submitted;
    },
    async setStudyState(study, state) {
      const status = await laboratory.setStudyState(study, state);
      log.info({ study, state }, `study ${state === "running" ? "resumed" : state}`);
      return status;
    },
    async retryFailed(study) {
      const trials = await laboratory.retryFailed(study);
      log.info({ study, trials }, "failed trials planned again");
      return trials;
    },
  };
}
