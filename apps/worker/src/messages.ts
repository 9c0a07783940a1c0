import type { ExecutorName } from "@stride/compile/spec";
import type { Cohort, TrainingReport } from "@stride/experiment";

/** Parent → child. Structured clone ("advanced" serialization) carries typed arrays and non-finite numbers. */
export type ToChild =
  | {
      readonly kind: "train";
      readonly cohort: Cohort;
      readonly executor: ExecutorName;
      readonly threads: number;
    }
  /** Stop the cohort at the next segment. */
  | { readonly kind: "stop" }
  /** A report was taken over: the child may send one more. */
  | { readonly kind: "taken" };

/** Child → parent. Reports, then one of the others: `ended` after the last report, `failed` with why there is none. */
export type FromChild =
  | { readonly kind: "report"; readonly report: TrainingReport }
  | { readonly kind: "ended" }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly message: string };

/** Reports a child may have in flight before it waits: bounds memory while the coordinator is away. */
export const reportsInFlight = 64;
