import { expect, it, vi } from "vitest";
import type { AgentFlow } from "../agent/ports.js";
import type { TrialQueue } from "../ports.js";
import { sampleFlow } from "./flow-samples.js";
import { gate, inbox } from "./inbox.js";
import { sampleCohort } from "./samples.js";

const onError = () => undefined;

function idsOf({ update, batches }: AgentFlow): string[] {
  return [...batches, ...(update === undefined ? [] : [update])].map(({ cohortId }) => cohortId);
}

/** Resolves when no work of the flow waits or is active any more. */
async function settled(queue: TrialQueue, flow: AgentFlow): Promise<void> {
  await vi.waitFor(async () => expect([...(await queue.present(idsOf(flow)))]).toEqual([]), {
    timeout: 30_000,
    interval: 20,
  });
}

/** What every TrialQueue must do with the work of agents. `open` as for `trialQueueContract`. */
export function flowContract(open: () => Promise<TrialQueue>): void {
  it("delivers a flow whole: the batches, and the update after all of them", async () => {
    await using queue = await open();
    const flow = sampleFlow({ batches: 5 });
    await queue.addFlow(flow);
    expect([...(await queue.present(idsOf(flow)))].sort()).toEqual(idsOf(flow).sort());
    const box = inbox();
    await using _ = await queue.consume({ slots: 2, handle: box.handle, onError });
    await settled(queue, flow);
    expect(box.deliveries.slice(0, 5).sort(byId)).toEqual(flow.batches);
    expect(box.deliveries.slice(5)).toEqual([flow.update]);
  });

  it("holds the update back while a batch is in hand", async () => {
    await using queue = await open();
    const flow = sampleFlow();
    const { opened, open: finish } = gate();
    let finished = false;
    const box = inbox(async ({ cohortId }) => {
      if (cohortId === flow.update.cohortId) return void expect(finished).toBe(true);
      if (cohortId !== flow.batches[1]?.cohortId) return;
      await opened;
      finished = true;
    });
    await using _ = await queue.consume({ slots: 3, handle: box.handle, onError });
    await queue.addFlow(flow);
    await box.received(2);
    await vi.waitFor(async () => expect((await queue.present(idsOf(flow))).size).toBe(2), { timeout: 30_000 });
    expect(box.ids).not.toContain(flow.update.cohortId);
    finish();
    await settled(queue, flow);
    expect(box.deliveries.at(-1)).toEqual(flow.update);
  });

  it("holds the update back while a batch is rejected and comes again", async () => {
    await using queue = await open();
    const flow = sampleFlow();
    const [stubborn] = flow.batches;
    const box = inbox(async ({ cohortId }, time) => {
      if (cohortId === stubborn?.cohortId && time < 3) throw new Error("not yet");
    });
    await using _ = await queue.consume({ slots: 2, handle: box.handle, onError });
    await queue.addFlow(flow);
    await settled(queue, flow);
    expect(box.ids).toHaveLength(5);
    expect(box.deliveries.at(-1)).toEqual(flow.update);
  });

  it("delivers a rejected update again until it is accepted", async () => {
    await using queue = await open();
    const flow = sampleFlow();
    const box = inbox(async ({ cohortId }, time) => {
      if (cohortId === flow.update.cohortId && time < 3) throw new Error("episodes are missing");
    });
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await queue.addFlow(flow);
    await settled(queue, flow);
    expect(box.deliveries.slice(2)).toEqual(Array(3).fill(flow.update));
  });

  it("adds a flow that is there already to no effect", async () => {
    await using queue = await open();
    const flow = sampleFlow();
    await queue.addFlow(flow);
    await queue.addFlow(flow);
    const { opened, open: finish } = gate();
    const box = inbox(() => opened);
    await using _ = await queue.consume({ slots: 3, handle: box.handle, onError });
    await box.received(2);
    await queue.addFlow(flow);
    finish();
    await settled(queue, flow);
    expect([...box.ids].sort()).toEqual(idsOf(flow).sort());
  });

  it("gives an update that waits the batches again that it misses", async () => {
    await using queue = await open();
    const flow = sampleFlow();
    const [kept, lost] = flow.batches;
    await queue.addFlow(flow);
    await queue.remove([lost?.cohortId ?? ""]);
    expect([...(await queue.present(idsOf(flow)))].sort()).toEqual([kept?.cohortId, flow.update.cohortId]);
    await queue.addFlow(flow);
    const box = inbox();
    await using _ = await queue.consume({ slots: 2, handle: box.handle, onError });
    await settled(queue, flow);
    expect(box.ids).toHaveLength(3);
    expect(box.deliveries.at(-1)).toEqual(flow.update);
  });

  it("puts a rejected update behind batches that are added again", async () => {
    await using queue = await open();
    const flow = sampleFlow({ batches: 3 });
    const missing = new Set<string>();
    const box = inbox(async ({ cohortId }) => {
      missing.delete(cohortId);
      if (cohortId === flow.update.cohortId && missing.size > 0) throw new Error("episodes are missing");
    });
    for (const { cohortId } of flow.batches) missing.add(cohortId);
    await queue.addFlow({ update: flow.update, batches: [] });
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await box.received(1);
    await queue.addFlow(flow);
    await settled(queue, flow);
    expect(box.deliveries[0]).toEqual(flow.update);
    expect(box.deliveries.at(-1)).toEqual(flow.update);
    const batchIds = flow.batches.map(({ cohortId }) => cohortId);
    expect(box.ids.filter((id) => batchIds.includes(id)).sort()).toEqual(batchIds);
  });

  it("lets an update go whose last batch is taken back, for the worker to judge", async () => {
    await using queue = await open();
    const flow = sampleFlow({ batches: 1 });
    await queue.addFlow(flow);
    await queue.remove(flow.batches.map(({ cohortId }) => cohortId));
    const box = inbox();
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await settled(queue, flow);
    expect(box.deliveries).toEqual([flow.update]);
  });

  it("takes an update back with the batches it waits for, and delivers them once they are added again", async () => {
    await using queue = await open();
    const [flow, other] = [sampleFlow({ batches: 3 }), sampleFlow({ studyName: "other" })];
    await queue.addFlow(flow);
    await queue.addFlow(other);
    await queue.remove([flow.update.cohortId]);
    expect((await queue.present(idsOf(flow))).size).toBe(0);
    expect((await queue.present(idsOf(other))).size).toBe(3);
    await queue.remove(idsOf(other));
    expect((await queue.present(idsOf(other))).size).toBe(0);
    await queue.addFlow(flow);
    const box = inbox();
    await using _ = await queue.consume({ slots: 2, handle: box.handle, onError });
    await settled(queue, flow);
    expect([...box.ids].sort()).toEqual(idsOf(flow).sort());
    expect(box.deliveries.at(-1)).toEqual(flow.update);
  });

  it("leaves a batch in hand to finish when its update is taken back, and puts the update behind it when it is added again", async () => {
    await using queue = await open();
    const flow = sampleFlow();
    const { opened, open: finish } = gate();
    const box = inbox(({ cohortId }) => (cohortId === flow.update.cohortId ? undefined : opened));
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await queue.addFlow(flow);
    await box.received(1);
    const [active] = box.ids;
    await queue.remove([flow.update.cohortId]);
    expect([...(await queue.present(idsOf(flow)))]).toEqual([active]);
    await queue.addFlow(flow);
    expect((await queue.present(idsOf(flow))).size).toBe(3);
    finish();
    await settled(queue, flow);
    expect(box.ids).toHaveLength(3);
    expect(box.deliveries.at(-1)).toEqual(flow.update);
  });

  it("delivers batches without an update, and an update without batches", async () => {
    await using queue = await open();
    const [last, first] = [sampleFlow(), sampleFlow({ studyName: "other" })];
    await queue.addFlow({ batches: last.batches });
    await queue.addFlow({ update: first.update, batches: [] });
    await queue.addFlow({ batches: [] });
    const box = inbox();
    await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
    await settled(queue, { update: first.update, batches: last.batches });
    expect([...box.deliveries].sort(byId)).toEqual([...last.batches, first.update].sort(byId));
  });

  it("delivers one iteration after another, and cohorts among them", async () => {
    await using queue = await open();
    const flows = [0, 1, 2].map((iteration) => sampleFlow({ iteration }));
    const cohorts = [0, 1, 2].map((number) => sampleCohort({ number }));
    const box = inbox(async ({ cohortId }) => {
      const done = flows.findIndex(({ update }) => update.cohortId === cohortId);
      const next = flows[done + 1];
      if (done >= 0 && next !== undefined) await queue.addFlow(next);
    });
    await using _ = await queue.consume({ slots: 2, handle: box.handle, onError });
    await queue.addFlow(flows[0] ?? { batches: [] });
    await queue.add(cohorts);
    await box.received(12);
    for (const flow of flows) await settled(queue, flow);
    const ofAgents = box.ids.filter((id) => !cohorts.some(({ cohortId }) => cohortId === id));
    expect(ofAgents.filter((id) => id.startsWith("u-"))).toEqual(flows.map(({ update }) => update.cohortId));
    for (const [iteration, flow] of flows.entries()) {
      expect(ofAgents.slice(3 * iteration, 3 * iteration + 3).sort()).toEqual(idsOf(flow).sort());
    }
    expect(box.ids).toHaveLength(12);
  });
}

function byId(one: { readonly cohortId: string }, other: { readonly cohortId: string }): number {
  return one.cohortId < other.cohortId ? -1 : 1;
}
