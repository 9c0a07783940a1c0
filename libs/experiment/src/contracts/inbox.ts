import type { Work } from "../ports.js";

/** What a consumer was given, and ways to wait for it. */
export interface TestInbox {
  /** Every delivery so far, in order. */
  readonly deliveries: readonly Work[];
  readonly ids: readonly string[];
  /** Deliveries in hand now, and the most there ever were. */
  readonly active: number;
  readonly mostActive: number;
  handle(work: Work): Promise<void>;
  /** Resolves once `count` deliveries have come in all. */
  received(count: number): Promise<void>;
}

/** Collects deliveries; `then` decides what becomes of each, given how often this work has come (nothing: it is done). */
export function inbox(then: (work: Work, time: number) => Promise<void> | void = () => undefined): TestInbox {
  const deliveries: Work[] = [];
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
    async handle(work) {
      deliveries.push(work);
      active += 1;
      mostActive = Math.max(mostActive, active);
      for (const { count, resolve } of waiting) if (deliveries.length >= count) resolve();
      try {
        await then(work, deliveries.filter(({ cohortId }) => cohortId === work.cohortId).length);
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
