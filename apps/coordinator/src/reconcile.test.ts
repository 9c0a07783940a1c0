import { createMemoryResultStore, createMemoryTrialQueue, type TrialQueue } from "@stride/experiment";
import { type AgentResultStore, sampleAgentStudy } from "@stride/experiment/contracts";
import { expect, it } from "vitest";
import { reconcileOnce, startReconciler } from "./reconcile.js";
import { planStudy } from "./study-plan.js";

const source = `study: one
tasks: [{ kind: quadratic }]
schedules: [{ kind: constant }, { kind: greedy }]
learningRates: [0.1]
seeds: { tuning: 1, report: 1 }
steps: 10
`;

async function submitted(store: AgentResultStore, text = source) {
  const { sweep, cohorts } = await planStudy({ source: text, file: "sweep" }, async () => new Set());
  await store.submitStudy({ name: sweep.study, source: text, sweep, cohorts });
  return cohorts.map(({ cohortId }) => cohortId);
}

const delivered = async (queue: TrialQueue, ids: readonly string[]) => [...(await queue.present(ids))].sort();

it("fills an empty queue with what is unfinished, and adds nothing twice", async () => {
  await using store = createMemoryResultStore();
  await using queue = createMemoryTrialQueue();
  const ids = await submitted(store);
  expect(await reconcileOnce({ store, queue, leaseMs: 1000 })).toBe(ids.length);
  expect(await delivered(queue, ids)).toEqual([...ids].sort());
  expect(await reconcileOnce({ store, queue, leaseMs: 1000 })).toBe(0);
});

it("puts everything back after the queue lost it", async () => {
  await using store = createMemoryResultStore();
  await using queue = createMemoryTrialQueue();
  const ids = await submitted(store);
  await reconcileOnce({ store, queue, leaseMs: 1000 });
  await queue.remove(ids);
  expect(await reconcileOnce({ store, queue, leaseMs: 1000 })).toBe(ids.length);
});

it("leaves alone what a worker was heard of within its lease, and what is paused or cancelled", async () => {
  await using store = createMemoryResultStore();
  await using queue = createMemoryTrialQueue();
  const [first] = await submitted(store);
  await store.startAttempt({ cohortId: first as string, workerId: "w", executor: "onnx-cpu" });
  const others = (await submitted(store, source.replace("one", "other"))).length;
  await store.setStudyState("other", "paused");
  const here = (await store.study("one"))?.cohorts ?? 0;
  expect(await reconcileOnce({ store, queue, leaseMs: 60_000 })).toBe(here - 1);
  await store.setStudyState("other", "running");
  expect(await reconcileOnce({ store, queue, leaseMs: 60_000 })).toBe(others);
});

it("delivers one study alone when it is asked to", async () => {
  await using store = createMemoryResultStore();
  await using queue = createMemoryTrialQueue();
  const one = await submitted(store);
  const other = await submitted(store, source.replace("one", "other"));
  await reconcileOnce({ store, queue, leaseMs: 1000, studyName: "other" });
  expect(await delivered(queue, one)).toEqual([]);
  expect(await delivered(queue, other)).toEqual([...other].sort());
});

it("goes on after an error, and looks at once when it is nudged", async () => {
  await using store = createMemoryResultStore();
  await using queue = createMemoryTrialQueue();
  const errors: string[] = [];
  let broken = true;
  const flaky: AgentResultStore = {
    ...store,
    undelivered: (options) => (broken ? Promise.reject(new Error("no database")) : store.undelivered(options)),
  };
  await using reconciler = startReconciler({
    store: flaky,
    queue,
    leaseMs: 1000,
    everyMs: 60_000,
    onError: (error) => void errors.push(error.message),
  });
  await expect.poll(() => errors).toEqual(["no database"]);
  const ids = await submitted(store);
  broken = false;
  await expect
    .poll(async () => {
      reconciler.nudge();
      return (await queue.present(ids)).size;
    })
    .toBe(ids.length);
  expect(errors).toHaveLength(1);
});

it("puts an agent's iteration up as a flow, and again when the queue lost it", async () => {
  await using store = createMemoryResultStore();
  const study = sampleAgentStudy();
  await store.submitAgentStudy(study);
  await using queue = createMemoryTrialQueue();
  expect(await reconcileOnce({ store, queue, leaseMs: 60_000 })).toBe(1);
  expect(await reconcileOnce({ store, queue, leaseMs: 60_000 })).toBe(0);
  const [flow] = await store.undeliveredFlows({ leaseMs: 60_000, limit: 9 });
  const ids = [...(flow?.batches ?? []), ...(flow?.update === undefined ? [] : [flow.update])].map(
    ({ cohortId }) => cohortId,
  );
  expect((await queue.present(ids)).size).toBe(4);
  await queue.remove(ids);
  expect(await reconcileOnce({ store, queue, leaseMs: 60_000 })).toBe(1);
  expect((await queue.present(ids)).size).toBe(4);
});

it("asks for traces when there is something to deliver, adds each traced study by itself, and tells what it delivered", async () => {
  await using store = createMemoryResultStore();
  await using memory = createMemoryTrialQueue();
  const added: string[][] = [];
  const queue: TrialQueue = {
    ...memory,
    add: async (cohorts) => {
      added.push([...new Set(cohorts.map(({ studyName }) => studyName))].sort());
      await memory.add(cohorts);
    },
  };
  for (const name of ["one", "two", "three", "four"]) await submitted(store, source.replace("one", name));
  const asked: (readonly string[])[] = [];
  const told: number[] = [];
  const options = {
    ...{ store, queue, leaseMs: 1000 },
    traceParents: async (names: readonly string[]) => {
      asked.push([...names].sort());
      return new Map(
        [
          ["one", "00-a"],
          ["three", "00-b"],
        ].map(([name, trace]) => [name as string, trace as string]),
      );
    },
    onDelivered: (works: readonly unknown[]) => void told.push(works.length),
  };
  const count = await reconcileOnce(options);
  expect(await reconcileOnce(options)).toBe(0);
  expect(asked).toEqual([["four", "one", "three", "two"]]);
  expect(added).toEqual([["one"], ["three"], ["four", "two"]]);
  expect(told).toEqual([count]);
});
