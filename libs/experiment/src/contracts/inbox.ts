import type { Cohort } from "../domain.js";

/** What a consumer was given, and ways to wait for it. */
export interface TestInbox {
  /** Every delivery so far, in order. */
  readonly deliveries: readonly Cohort[];
  readonly ids: readonly string[];
  /** Deliveries in hand now, and the most there ever were. */
  readonly active: number;
  readonly mostActive: number;
  handle(cohort: Cohort): Promise<void>;
  /** Resolves once `count` cohorts have come in all. */
  received(count: number): Promise<void>;
}

/** Collects deliveries; `then` decides what becomes of each, given how often this cohort has come (nothing: it is done). */
export function inbox(then: (cohort: Cohort, time: number) => Promise<void> | void = () => undefined): TestInbox {
  const deliveries: Cohort[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let active = 0;
  let mostActive = 0;
  return {
    deliveries,
    get ids() {
      return deliveries.map(({ cohortId }) => cohortId);
    },
    get active() {
      return active;
    },
    get mostActive() {
      return mostActive;
    },
    async handle(cohort) {
      deliveries.push(cohort);
      active += 1;
      mostActive = Math.max(mostActive, active);
      for (const { count, resolve } of waiting) if (deliveries.length >= count) resolve();
      try {
        await then(cohort, deliveries.filter(({ cohortId }) => cohortId === cohort.cohortId).length);
      } finally {
        active -= 1;
      }
    },
    received: (count) =>
      deliveries.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push({ count, resolve });
          }),
  };
}

/** A promise and what resolves it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
