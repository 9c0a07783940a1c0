import type { WorkerRow } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { workerLine, workerState } from "./worker-table.js";

const now = new Date("2026-01-02T00:01:00Z");
const worker: WorkerRow = {
  workerId: "node-7",
  version: "0.1.0",
  executor: "onnx-cuda",
  slots: 4,
  concurrency: 4,
  busy: 3,
  state: "working",
  devices: [],
  firstSeenAt: new Date("2026-01-01T00:00:00Z"),
  lastSeenAt: new Date("2026-01-02T00:00:50Z"),
};

describe("a worker's state", () => {
  it.each([
    ["working", 30, "working"],
    ["working", 31, "lost"],
    ["draining", 10, "draining"],
    ["draining", 31, "lost"],
    ["gone", 3_600, "gone"],
  ] as const)("is, told %s %i s ago, %s", (state, seconds, shown) => {
    expect(workerState({ ...worker, state, lastSeenAt: new Date(now.getTime() - 1000 * seconds) }, now)).toBe(shown);
  });
});

describe("a worker's line", () => {
  it("says what it computes on and when it was heard of", () => {
    const devices = [
      { index: 0, kind: "cuda", name: "A100", memoryMb: 81_920 },
      { index: 1, kind: "webgpu", name: "llvmpipe" },
    ];
    expect(workerLine({ ...worker, devices }, now)).toEqual({
      worker: "node-7",
      state: "working",
      executor: "onnx-cuda",
      busy: 3,
      slots: 4,
      devices: "A100, 81920 MB; llvmpipe",
      version: "0.1.0",
      heard: "10 s ago",
    });
  });

  it("says that it takes less than it could", () => {
    expect(workerLine({ ...worker, concurrency: 2 }, now).slots).toBe("2 of 4 (out of memory)");
  });
});
