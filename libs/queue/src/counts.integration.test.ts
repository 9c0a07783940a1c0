import { describe, expect, it } from "vitest";
import { backends, quick } from "../test/backends.js";
import { cohorts } from "../test/cohorts.js";
import { inbox } from "../test/inbox.js";
import { openTrialQueue } from "./index.js";

describe.each(backends)("on $kind", ({ missing, start, kind }) => {
  it.skipIf(missing !== undefined)(`a queue counts its jobs by their state (${missing ?? kind})`, async () => {
    await using server = await start();
    await using queue = await openTrialQueue({ url: server.url, leaseMs: 30_000, retryPauseMs: quick.retryPauseMs });
    expect((await queue.counts()).waiting).toBe(0);
    await queue.add(cohorts(3));
    expect((await queue.counts()).waiting).toBe(3);
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const received = inbox(() => finished);
    await queue.consume({ slots: 1, handle: received.handle, onError: () => undefined });
    await received.received(1);
    expect(await queue.counts()).toMatchObject({ waiting: 2, active: 1 });
    finish();
  });
});
