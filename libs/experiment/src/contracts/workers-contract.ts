import { expect, it } from "vitest";
import type { WorkerNode, WorkerStore } from "../workers.js";

const day = 86_400_000;

function sampleWorker(workerId: string, changes: Partial<WorkerNode> = {}): WorkerNode {
  return {
    workerId,
    version: "0.1.0",
    executor: "onnx-cpu",
    slots: 4,
    concurrency: 4,
    busy: 0,
    state: "working",
    devices: [],
    ...changes,
  };
}

/** The list of workers: what each announced last. */
export function workersContract(open: () => Promise<WorkerStore & AsyncDisposable>): void {
  it("lists workers by id, with what they announced last", async () => {
    await using store = await open();
    const cuda = { index: 0, kind: "cuda", name: 'GPU "X"', memoryMb: 81_559, driver: "550.54" };
    const other = { index: 1, kind: "webgpu", name: "llvmpipe" };
    await store.announce(sampleWorker("list-b", { executor: "onnx-cuda", devices: [cuda, other] }));
    await store.announce(sampleWorker("list-a"));
    const told = sampleWorker("list-b", { executor: "onnx-cuda", devices: [cuda, other], concurrency: 2, busy: 1 });
    await store.announce(told);
    const listed = (await store.workers({ withinMs: day })).filter(({ workerId }) => workerId.startsWith("list-"));
    expect(listed).toMatchObject([sampleWorker("list-a"), told]);
    for (const { firstSeenAt, lastSeenAt } of listed)
      expect(firstSeenAt.getTime()).toBeLessThanOrEqual(lastSeenAt.getTime());
    expect(listed[1]?.devices).toEqual([cuda, other]);
  });

  it("leaves out whoever was not heard of for that long", async () => {
    await using store = await open();
    await store.announce(sampleWorker("silent", { state: "gone" }));
    expect((await store.workers({ withinMs: day })).map(({ workerId }) => workerId)).toContain("silent");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await store.workers({ withinMs: 10 })).map(({ workerId }) => workerId)).not.toContain("silent");
  });
}
