import { InvalidArgument } from "@stride/experiment";

/** What both kinds of queue are opened with. All processes of one installation must agree on `name`. */
export interface TrialQueueOptions {
  /** With the password: it appears in no error and no log. */
  readonly url: string;
  /** Name of the BullMQ queue; letters, digits and dashes. Default `cohorts`. */
  readonly name?: string;
  /**
   * How long a worker's hold on a cohort lasts unless renewed, which happens at half of it, in ms. Default 30,000. A worker
   * whose event loop is busy for longer loses its hold.
   */
  readonly lockDurationMs?: number;
  /** How often workers look for cohorts whose holder died, in ms. Default 30,000: such a cohort is delivered again within about `lockDurationMs` + 2 × this. */
  readonly stalledIntervalMs?: number;
  /** Pause before a rejected cohort is delivered again, in ms: the first, doubled each time, up to the longest. Default 1,000 and 60,000. */
  readonly retryPauseMs?: { readonly first: number; readonly longest: number };
  /** Postgres alone: whether to make or update the queue's tables. False, as for workers: it throws where they are missing. Default true. */
  readonly migrate?: boolean;
  /** Told about trouble of the connection between calls, at most once in 10 s for each message. Default: nobody. */
  readonly onError?: (error: Error) => void;
}

/** `TrialQueueOptions` with every default filled in. */
export type Settings = Required<Omit<TrialQueueOptions, "url">>;

export function withDefaults(options: TrialQueueOptions): Settings {
  const {
    name = "cohorts",
    lockDurationMs = 30_000,
    stalledIntervalMs = 30_000,
    retryPauseMs = { first: 1_000, longest: 60_000 },
    migrate = true,
    onError = () => undefined,
  } = options;
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw new InvalidArgument(`queue name must be letters, digits and dashes, got ${JSON.stringify(name)}`);
  }
  const durations = { lockDurationMs, stalledIntervalMs, "retryPauseMs.first": retryPauseMs.first };
  for (const [field, value] of Object.entries(durations)) requirePositiveInteger(field, value);
  if (!(retryPauseMs.longest >= retryPauseMs.first)) {
    throw new InvalidArgument(
      `retryPauseMs.longest must be at least ${retryPauseMs.first}, got ${retryPauseMs.longest}`,
    );
  }
  return { name, lockDurationMs, stalledIntervalMs, retryPauseMs, migrate, onError };
}

/** Throws `InvalidArgument` naming the field. */
export function requirePositiveInteger(field: string, value: number): void {
  if (!(Number.isInteger(value) && value > 0)) {
    throw new InvalidArgument(`${field} must be a positive integer, got ${value}`);
  }
}
