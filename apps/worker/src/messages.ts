import type { ExecutorName } from "@stride/compile/spec";
import type {
  Cohort,
  Episode,
  EpisodeBatch,
  PolicyUpdate,
  RecordedEpisode,
  TrainingReport,
  UpdateStatistics,
} from "@stride/experiment";

/** How a child computes. */
interface Machine {
  readonly executor: ExecutorName;
  readonly threads: number;
}

/** What a child is asked to do. */
export type Request =
  | { readonly kind: "train"; readonly cohort: Cohort }
  | { readonly kind: "live"; readonly batch: EpisodeBatch }
  | { readonly kind: "learn"; readonly update: PolicyUpdate; readonly episodes: readonly RecordedEpisode[] };

/** Parent → child. Structured clone ("advanced" serialization) carries typed arrays and non-finite numbers. */
export type ToChild =
  | (Request & Machine)
  /** Stop at the next segment. */
  | { readonly kind: "stop" }
  /** A report was taken over: the child may send one more. */
  | { readonly kind: "taken" };

/** What a child tells of its work: a report has a cohort's results in its last one; `lived` and `learned` come once, at the end. */
export type WorkMessage =
  | { readonly kind: "report"; readonly report: TrainingReport }
  | { readonly kind: "lived"; readonly episodes: readonly Episode[] }
  | { readonly kind: "learned"; readonly policy: string; readonly statistics: UpdateStatistics };

/** Child → parent. Work messages, then one of the others: `ended` after the last one, `failed` with why there is none. */
export type FromChild =
  | WorkMessage
  | { readonly kind: "ended" }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly message: string };

/** Reports a child may have in flight before it waits: bounds memory while the coordinator is away. */
export const reportsInFlight = 64;
