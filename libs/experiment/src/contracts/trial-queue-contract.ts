import { expect, it, vi } from "vitest";
import type { Cohort } from "../domain.js";
import type { TrialQueue } from "../ports.js";
import { flowContract } from "./flow-contract.js";
import { gate, inbox } from "./inbox.js";
import { sampleCohort } from "./samples.js";

const cohorts = (count: number): Cohort[] => Array.from({ length: count }, (_, number) => sampleCohort({ number }));
const idsOf = (some: readonly Cohort[]) => some.map(({ cohortId }) => cohortId);
const onError = () => undefined;

/** Resolves when none of the cohorts waits or is active any more. */
async function settled(queue: TrialQueue, some: readonly Cohort[]): Promise<void> {
  const ids = idsOf(some);
  await vi.waitFor(async () => expect([...(await queue.present(ids))]).toEqual([]), { timeout: 30_000, interval: 20 });
}

/**
 * What every TrialQueue must do. `open` gives an empty queue of its own; let it deliver again after a rejection within a
 * second or so.
 */
export function trialQueueContract(open: () => Promise<TrialQueue>): void {
  it("delivers a cohort whole", async () => {
    await using queue = await open();
    const cohort = sampleCohort({ trials: 5 });
    await queue.add([cohort]);
    const box = inbox();
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await box.received(1);
    expect(box.deliveries).toEqual([cohort]);
  });

  it("delivers what was added before and after it is consumed, each once", async () => {
    await using queue = await open();
    const all = cohorts(7);
    await queue.add(all.slice(0, 3));
    const box = inbox();
    await using _ = await queue.consume({ slots: 2, handle: box.handle, onError });
    await box.received(3);
    await queue.add(all.slice(3));
    await settled(queue, all);
    expect([...box.ids].sort()).toEqual(idsOf(all));
  });

  it("leaves a cohort alone that is added while it waits", async () => {
    await using queue = await open();
    const all = cohorts(2);
    await queue.add(all);
    await queue.add([...all, ...all]);
    const box = inbox();
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await box.received(2);
    await settled(queue, all);
    expect([...box.ids].sort()).toEqual(idsOf(all));
  });

  it("leaves a cohort alone that is added while it is active", async () => {
    await using queue = await open();
    const [cohort, next] = [sampleCohort(), sampleCohort({ number: 1 })];
    const { opened, open: finish } = gate();
    const box = inbox(() => opened);
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await queue.add([cohort]);
    await box.received(1);
    await queue.add([cohort, next]);
    finish();
    await box.received(2);
    await settled(queue, [cohort, next]);
    expect(box.ids).toEqual(idsOf([cohort, next]));
  });

  it("delivers a cohort again that is added after it was done", async () => {
    await using queue = await open();
    const cohort = sampleCohort();
    const box = inbox();
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    for (const time of [1, 2, 3]) {
      await queue.add([cohort]);
      await box.received(time);
      await settled(queue, [cohort]);
    }
    expect(box.ids).toEqual(Array(3).fill(cohort.cohortId));
  });

  it("delivers a rejected cohort again until it is accepted, and keeps it present meanwhile", async () => {
    await using queue = await open();
    const cohort = sampleCohort();
    const present: boolean[] = [];
    const box = inbox(async (_, time) => {
      present.push((await queue.present([cohort.cohortId])).has(cohort.cohortId));
      if (time < 4) throw new Error("not yet");
    });
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await queue.add([cohort]);
    await box.received(4);
    await settled(queue, [cohort]);
    expect(box.deliveries).toEqual(Array(4).fill(cohort));
    expect(present).toEqual([true, true, true, true]);
  });

  it("does not hold others up while one is rejected again and again", async () => {
    await using queue = await open();
    const [stubborn, ...others] = cohorts(4);
    const done = new Set<string>();
    const box = inbox(async ({ cohortId }) => {
      if (cohortId === stubborn?.cohortId && done.size < others.length) throw new Error("after the others");
      done.add(cohortId);
    });
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await queue.add(cohorts(4));
    await settled(queue, cohorts(4));
    expect(done.size).toBe(4);
  });

  it("takes waiting cohorts back, and delivers them again once they are added again", async () => {
    await using queue = await open();
    const [kept, removed] = [sampleCohort(), sampleCohort({ number: 1 })];
    await queue.add([kept, removed]);
    await queue.remove([removed.cohortId, "unknown"]);
    expect([...(await queue.present(idsOf([kept, removed])))]).toEqual([kept.cohortId]);
    const box = inbox();
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await box.received(1);
    await settled(queue, [kept]);
    expect(box.ids).toEqual([kept.cohortId]);
    await queue.add([removed]);
    await box.received(2);
    expect(box.ids).toEqual(idsOf([kept, removed]));
  });

  it("leaves an active cohort to finish when it is removed", async () => {
    await using queue = await open();
    const [active, next] = [sampleCohort(), sampleCohort({ number: 1 })];
    const { opened, open: finish } = gate();
    const box = inbox(() => opened);
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await queue.add([active]);
    await box.received(1);
    await queue.remove([active.cohortId]);
    finish();
    await queue.add([next]);
    await box.received(2);
    await settled(queue, [active, next]);
    expect(box.ids).toEqual(idsOf([active, next]));
  });

  it("says which cohorts wait or are active", async () => {
    await using queue = await open();
    const [first, second, absent] = [sampleCohort(), sampleCohort({ number: 1 }), sampleCohort({ number: 2 })];
    const ids = idsOf([first, second, absent]);
    const { opened, open: finish } = gate();
    const box = inbox(() => opened);
    expect((await queue.present(ids)).size).toBe(0);
    await queue.add([first, second]);
    expect([...(await queue.present(ids))].sort()).toEqual(idsOf([first, second]));
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await box.received(1);
    expect([...(await queue.present(ids))].sort()).toEqual(idsOf([first, second]));
    finish();
    await settled(queue, [first, second, absent]);
  });

  it("does nothing when it is given nothing", async () => {
    await using queue = await open();
    await queue.add([]);
    await queue.remove([]);
    expect((await queue.present([])).size).toBe(0);
  });

  it("keeps as many cohorts in hand as it has slots, and no more", async () => {
    await using queue = await open();
    const all = cohorts(7);
    const { opened, open: finish } = gate();
    const box = inbox(() => opened);
    await using _ = await queue.consume({ slots: 3, handle: box.handle, onError });
    await queue.add(all);
    await box.received(3);
    expect(box.active).toBe(3);
    finish();
    await settled(queue, all);
    expect([...box.ids].sort()).toEqual(idsOf(all));
    expect(box.mostActive).toBe(3);
  });

  it("takes no more than the slots it was set to, and lets go on what was in hand", async () => {
    await using queue = await open();
    const all = cohorts(8);
    const gates = all.map(() => gate());
    const order: string[] = [];
    const box = inbox(({ cohortId }) => gates[order.push(cohortId) - 1]?.opened);
    await using consumer = await queue.consume({ slots: 4, handle: box.handle, onError });
    await queue.add(all);
    await box.received(4);
    consumer.setSlots(1);
    expect(box.active).toBe(4);
    let mostAfterwards = 0;
    for (const [index, { open: finish }] of gates.entries()) {
      finish();
      if (index < 3) continue;
      await box.received(Math.min(index + 2, all.length));
      mostAfterwards = Math.max(mostAfterwards, box.active);
    }
    await settled(queue, all);
    expect([...box.ids].sort()).toEqual(idsOf(all));
    expect(mostAfterwards).toBe(1);
  });

  it("takes more again when it is set to more, once something in hand is done", async () => {
    await using queue = await open();
    const all = cohorts(6);
    const [first, rest] = [gate(), gate()];
    const box = inbox((_work) => (box.deliveries.length === 1 ? first.opened : rest.opened));
    await using consumer = await queue.consume({ slots: 3, handle: box.handle, onError });
    consumer.setSlots(1);
    await queue.add(all);
    await box.received(1);
    consumer.setSlots(3);
    first.open();
    await box.received(4);
    expect(box.active).toBe(3);
    rest.open();
    await settled(queue, all);
    expect(box.mostActive).toBe(3);
  });

  it.each([0, 1.5, 4])("refuses to be set to %d of 3 slots", async (slots) => {
    await using queue = await open();
    await using consumer = await queue.consume({ slots: 3, handle: async () => undefined, onError });
    expect(() => consumer.setSlots(slots)).toThrow(/slots must be (a positive integer|3 at most)/);
  });

  it("gives each cohort to one of its consumers", async () => {
    await using queue = await open();
    const all = cohorts(8);
    const together = gate();
    const boxes = [inbox(() => together.opened), inbox(() => together.opened)] as const;
    await using _first = await queue.consume({ slots: 1, handle: boxes[0].handle, onError });
    await using _second = await queue.consume({ slots: 1, handle: boxes[1].handle, onError });
    await queue.add(all);
    await Promise.all(boxes.map((box) => box.received(1)));
    together.open();
    await settled(queue, all);
    expect([...boxes[0].ids, ...boxes[1].ids].sort()).toEqual(idsOf(all));
  });

  it("waits on dispose for the cohort in hand, and leaves the rest to the next consumer", async () => {
    await using queue = await open();
    const all = cohorts(3);
    const { opened, open: finish } = gate();
    let finished = false;
    const first = inbox(async () => {
      await opened;
      finished = true;
    });
    const consumer = await queue.consume({ slots: 1, handle: first.handle, onError });
    await queue.add(all);
    await first.received(1);
    const disposing = consumer[Symbol.asyncDispose]();
    const early = await Promise.race([Promise.resolve(disposing).then(() => "disposed"), queue.present(idsOf(all))]);
    expect(early).not.toBe("disposed");
    finish();
    await disposing;
    expect(finished).toBe(true);
    expect(first.ids).toHaveLength(1);
    const second = inbox();
    await using _ = await queue.consume({ slots: 1, handle: second.handle, onError });
    await settled(queue, all);
    expect([...first.ids, ...second.ids].sort()).toEqual(idsOf(all));
  });

  it("keeps a cohort that is handed back while its consumer goes", async () => {
    await using queue = await open();
    const cohort = sampleCohort();
    const { opened, open: handBack } = gate();
    const first = inbox(async () => {
      await opened;
      throw new Error("handed back");
    });
    const consumer = await queue.consume({ slots: 1, handle: first.handle, onError });
    await queue.add([cohort]);
    await first.received(1);
    const disposing = consumer[Symbol.asyncDispose]();
    handBack();
    await disposing;
    expect([...(await queue.present([cohort.cohortId]))]).toEqual([cohort.cohortId]);
    const second = inbox();
    await using _ = await queue.consume({ slots: 1, handle: second.handle, onError });
    await second.received(1);
    expect(second.deliveries).toEqual([cohort]);
  });

  flowContract(open);
}
