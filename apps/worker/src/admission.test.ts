import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Admission, createAdmission, type Ticket } from "./admission.js";

const never = new AbortController().signal;
/** Lets promises that are resolved already tell so. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

async function admitted(admission: Admission, bytes = 1): Promise<Ticket> {
  const ticket = await admission.admit(bytes, never);
  if (ticket === undefined) throw new Error("it was turned away");
  return ticket;
}

/** Admits `count` at once that fit, and gives back as many tickets. */
const several = (admission: Admission, count: number) =>
  Promise.all(Array.from({ length: count }, () => admitted(admission)));

describe("admission", () => {
  it("lets in what fits into slots and budget, and the next as soon as there is room", async () => {
    const admission = createAdmission({ slots: 3, budget: 10 });
    const first = await admitted(admission, 6);
    const second = await admitted(admission, 4);
    const third = admission.admit(1, never);
    expect(admission).toMatchObject({ running: 2, waiting: 1, used: 10, wanted: 3 });
    second.release(true);
    await third;
    expect(admission).toMatchObject({ running: 2, waiting: 0, used: 7 });
    first.release(true);
  });

  it("lets what is larger than the whole budget run alone, once everything else is done", async () => {
    const admission = createAdmission({ slots: 4, budget: 10, mostWaiting: 9 });
    const small = await admitted(admission, 1);
    let large: Ticket | undefined;
    const waiting = admission.admit(99, never).then((ticket) => {
      large = ticket;
    });
    const after = admission.admit(1, never);
    await settled();
    expect(large).toBeUndefined();
    small.release(true);
    await waiting;
    expect(admission).toMatchObject({ running: 1, waiting: 1, used: 99 });
    large?.release(true);
    await after;
    expect(admission).toMatchObject({ running: 1, waiting: 0, used: 1 });
  });

  it("turns away what comes while enough wait, and asks for one more than are running from then on", async () => {
    const admission = createAdmission({ slots: 8, budget: 2 });
    expect(admission.wanted).toBe(8);
    const [first] = await several(admission, 2);
    const waiting = admission.admit(1, never);
    expect(await admission.admit(1, never)).toBeUndefined();
    expect(admission.wanted).toBe(3);
    first?.release(true);
    await waiting;
  });

  it("lets nobody in whose wait is over", async () => {
    const admission = createAdmission({ slots: 1 });
    const first = await admitted(admission);
    const leaving = new AbortController();
    const waiting = admission.admit(1, leaving.signal);
    leaving.abort();
    expect(await waiting).toBeUndefined();
    expect(await admission.admit(1, leaving.signal)).toBeUndefined();
    expect(admission.waiting).toBe(0);
    first.release(false);
    expect(admission.running).toBe(0);
  });

  it("never holds more than it may, is first come first served and lets everybody in, whatever comes", async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("admit" as const), bytes: fc.nat({ max: 15 }) }),
      fc.record({ kind: fc.constant("release" as const), which: fc.nat(), finished: fc.boolean() }),
      fc.record({ kind: fc.constant("memory" as const), which: fc.nat() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), async (slots, steps) => {
        const budget = 10;
        const admission = createAdmission({ slots, budget, mostWaiting: Number.POSITIVE_INFINITY });
        const inside: { readonly ticket: Ticket; readonly bytes: number; readonly number: number }[] = [];
        const entered: number[] = [];
        let asked = 0;
        const check = async () => {
          await settled();
          expect(admission.running).toBe(inside.length);
          expect(admission.used).toBe(inside.reduce((sum, { bytes }) => sum + bytes, 0));
          if (inside.length > 1) expect(admission.used).toBeLessThanOrEqual(budget);
          expect(inside.length).toBeLessThanOrEqual(slots);
          expect(admission.limit).toBeGreaterThanOrEqual(1);
          expect(admission.limit).toBeLessThanOrEqual(slots);
          expect(admission.wanted).toBeLessThanOrEqual(admission.limit);
          expect(admission.wanted).toBeGreaterThanOrEqual(1);
          if (admission.running === 0) expect(admission.waiting).toBe(0);
          expect(entered).toEqual(entered.map((_, index) => index));
        };
        const take = (which: number) => inside.splice(which % Math.max(1, inside.length), 1)[0];
        for (const one of steps) {
          if (one.kind === "admit") {
            const number = asked++;
            const { bytes } = one;
            void admission.admit(bytes, never).then((ticket) => {
              if (ticket === undefined) return;
              entered.push(number);
              inside.push({ ticket, bytes, number });
            });
          } else {
            const chosen = take(one.which);
            if (one.kind === "memory") chosen?.ticket.outOfMemory();
            chosen?.ticket.release(one.kind === "release" && one.finished);
          }
          await check();
        }
        while (inside.length > 0) {
          take(0)?.ticket.release(false);
          await check();
        }
        expect(entered).toHaveLength(asked);
      }),
      { numRuns: 200 },
    );
  });
});

describe("when the memory runs out", () => {
  it("halves how many run at a time, once for all that were there, and lets those at work go on", async () => {
    const admission = createAdmission({ slots: 8 });
    const tickets = await several(admission, 5);
    expect(tickets[0]?.outOfMemory()).toBe(true);
    expect(admission).toMatchObject({ limit: 2, running: 5 });
    tickets[0]?.release(false);
    expect(tickets[1]?.outOfMemory()).toBe(true);
    expect(admission.limit).toBe(2);
    tickets[1]?.release(false);
    const waiting = admission.admit(1, never);
    tickets[2]?.release(false);
    await settled();
    expect(admission).toMatchObject({ running: 2, waiting: 1 });
    tickets[3]?.release(false);
    await waiting;
  });

  it("is not to blame on others when there were none, also when there could have been", async () => {
    const admission = createAdmission({ slots: 8 });
    const alone = await admitted(admission);
    expect(alone.outOfMemory()).toBe(false);
    expect(admission.limit).toBe(8);
  });

  it("comes to one at a time and stays there", async () => {
    const admission = createAdmission({ slots: 3 });
    const [first, second] = await several(admission, 3);
    first?.outOfMemory();
    expect(admission.limit).toBe(1);
    expect(second?.outOfMemory()).toBe(true);
    expect(admission.limit).toBe(1);
  });

  it("tries one more after twenty that finished, and never more than there are slots", async () => {
    const admission = createAdmission({ slots: 4 });
    const tickets = await several(admission, 4);
    tickets[0]?.outOfMemory();
    for (const ticket of tickets) ticket.release(false);
    const finish = async (count: number) => {
      for (let done = 0; done < count; done += 1) (await admitted(admission)).release(true);
    };
    await finish(19);
    expect(admission.limit).toBe(2);
    await finish(1);
    expect(admission.limit).toBe(3);
    await finish(100);
    expect(admission.limit).toBe(4);
  });

  it("counts anew from the last time it ran out", async () => {
    const admission = createAdmission({ slots: 4 });
    for (const ticket of await several(admission, 4)) {
      ticket.outOfMemory();
      ticket.release(false);
    }
    for (let done = 0; done < 19; done += 1) (await admitted(admission)).release(true);
    const [first, second] = await several(admission, 2);
    first?.outOfMemory();
    first?.release(false);
    second?.release(true);
    expect(admission.limit).toBe(1);
  });
});
