import { fileURLToPath } from "node:url";
import type { Cohort } from "@stride/experiment";

/** A child that does what the study of its cohort is named after. */
export const scriptedChild = fileURLToPath(new URL("./scripted-child.mjs", import.meta.url));
/** The real one, built. */
export const trainingChild = fileURLToPath(new URL("../dist/child.js", import.meta.url));

/** The same with little memory: as many megabytes of address space as the cohorts' process finds in STARVED_CHILD_ROOM_MB. */
export const starvedChild = fileURLToPath(new URL("./starved-child.mjs", import.meta.url));

export const cohortThat = (does: string): Cohort => ({ cohortId: does, studyName: does, trials: [] });

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
