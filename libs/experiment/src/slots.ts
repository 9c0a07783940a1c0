import { InvalidArgument } from "./errors.js";

/** Throws `InvalidArgument` unless a consumer may take `slots` pieces of work at a time; `most` is what it began with. */
export function requireSlots(slots: number, most?: number): void {
  if (!(Number.isSafeInteger(slots) && slots > 0)) {
    throw new InvalidArgument(`slots must be a positive integer, got ${slots}`);
  }
  if (most !== undefined && slots > most) {
    throw new InvalidArgument(`slots must be ${most} at most, with which the consumer began, got ${slots}`);
  }
}
