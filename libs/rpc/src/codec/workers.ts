import type { WorkerDevice, WorkerNode, WorkerRow, WorkerState } from "@stride/experiment";
import type * as laboratory from "../gen/stride/v1/laboratory.js";
import type { AnnounceRequest } from "../gen/stride/v1/worker.js";
import * as wire from "../gen/stride/v1/worker_node.js";
import { count, enumCodec, nonEmpty, present, refuse, time } from "./fields.js";

const states = enumCodec<WorkerState, wire.WorkerState>({
  working: wire.WorkerState.WORKING,
  draining: wire.WorkerState.DRAINING,
  gone: wire.WorkerState.GONE,
});

const maxDevices = 64;

export function encodeWorkerNode(worker: WorkerNode): wire.WorkerNode {
  return { ...worker, state: states.encode(worker.state), devices: worker.devices.slice(0, maxDevices) };
}

export function decodeWorkerNode(field: string, message: wire.WorkerNode | undefined): WorkerNode {
  const worker = present(field, message);
  const { devices } = worker;
  if (devices.length > maxDevices) refuse(`${field}.devices`, `at most ${maxDevices}`, devices.length);
  const slots = count(`${field}.slots`, worker.slots, 1);
  const concurrency = count(`${field}.concurrency`, worker.concurrency, 1);
  if (concurrency > slots) refuse(`${field}.concurrency`, `at most slots (${slots})`, concurrency);
  return {
    workerId: nonEmpty(`${field}.worker_id`, worker.workerId),
    version: nonEmpty(`${field}.version`, worker.version),
    executor: nonEmpty(`${field}.executor`, worker.executor),
    slots,
    concurrency,
    busy: count(`${field}.busy`, worker.busy),
    state: states.decode(`${field}.state`, worker.state),
    devices: devices.map((device, index) => decodeDevice(`${field}.devices[${index}]`, device)),
  };
}

function decodeDevice(field: string, { index, kind, name, memoryMb, driver }: wire.Device): WorkerDevice {
  return {
    index: count(`${field}.index`, index),
    kind: nonEmpty(`${field}.kind`, kind),
    name: nonEmpty(`${field}.name`, name),
    ...(memoryMb === undefined ? {} : { memoryMb: count(`${field}.memory_mb`, memoryMb) }),
    ...(driver === undefined ? {} : { driver: nonEmpty(`${field}.driver`, driver) }),
  };
}

export const decodeAnnouncement = ({ worker }: AnnounceRequest): WorkerNode => decodeWorkerNode("worker", worker);

export function encodeWorkerRow({ firstSeenAt, lastSeenAt, ...worker }: WorkerRow): laboratory.WorkerRow {
  return { worker: encodeWorkerNode(worker), firstSeenAt, lastSeenAt };
}

export function decodeWorkerRow(field: string, row: laboratory.WorkerRow): WorkerRow {
  return {
    ...decodeWorkerNode(`${field}.worker`, row.worker),
    firstSeenAt: time(`${field}.first_seen_at`, row.firstSeenAt),
    lastSeenAt: time(`${field}.last_seen_at`, row.lastSeenAt),
  };
}
