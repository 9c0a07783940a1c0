import type { DataSet } from "../task.js";
import { mobyDick } from "./moby-dick.js";

export interface WindowsRequest {
  /** The last tenth of the book is held out. */
  readonly split: "training" | "heldOut";
  /** How many windows, their starts spread evenly over the split; they overlap where there are many. */
  readonly count: number;
  /** Characters of a window. */
  readonly length: number;
}

const heldOutShare = 0.1;
const made = new Map<string, Promise<DataSet>>();

/**
 * Windows of the book: `characters`, int32 `[count, length]`, and `next`, each character's successor, of the same shape. One object for
 * one request, so that executors can keep its tensors.
 */
export function mobyDickWindows(request: WindowsRequest): Promise<DataSet> {
  const key = `${request.split} ${request.count} ${request.length}`;
  const windows = made.get(key) ?? cutWindows(request);
  made.set(key, windows);
  windows.catch(() => made.delete(key));
  return windows;
}

async function cutWindows({ split, count, length }: WindowsRequest): Promise<DataSet> {
  const { text } = await mobyDick();
  const boundary = Math.floor((1 - heldOutShare) * text.length);
  const part = split === "training" ? text.subarray(0, boundary) : text.subarray(boundary);
  const characters = new Int32Array(count * length);
  const next = new Int32Array(count * length);
  const lastStart = part.length - length - 1;
  for (let i = 0; i < count; i++) {
    const start = Math.floor((i * (lastStart + 1)) / count);
    characters.set(part.subarray(start, start + length), i * length);
    next.set(part.subarray(start + 1, start + 1 + length), i * length);
  }
  return {
    size: count,
    arrays: [
      { name: "characters", shape: [length], values: characters },
      { name: "next", shape: [length], values: next },
    ],
  };
}
