import type { Work } from "@stride/experiment";

/** What a consumer was given, and a way to wait for it. */
export interface Inbox {
  readonly ids: readonly string[];
  handle(work: Work): Promise<void>;
  /** Resolves once `count` deliveries have come in all. */
  received(count: number): Promise<void>;
}

/** Collects deliveries; `then` decides what becomes of each (nothing: it is done). */
export function inbox(then: (work: Work, delivery: number) => Promise<void> = async () => undefined): Inbox {
  const ids: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  return {
    ids,
    async handle(work) {
      ids.push(work.cohortId);
      for (const each of waiting) if (ids.length >= each.count) each.resolve();
      await then(work, ids.length);
    },
    received: (count) =>
      ids.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
  };
}
