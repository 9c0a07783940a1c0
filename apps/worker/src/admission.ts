/** Finished pieces of work after which one more may be tried at a time. */
const finishedBeforeMore = 20;

export interface AdmissionOptions {
  /** Pieces of work at a time at most. */
  readonly slots: number;
  /** Bytes that all of them together may take on the device; left out: no bound but the slots. */
  readonly budget?: number;
  /** How many may wait for room in this worker's hands; what comes on top is turned away, for others to take. 1 when left out. */
  readonly mostWaiting?: number;
}

/** Leave to work, given back with `release`. */
export interface Ticket {
  /**
   * Tells that the memory ran out under it. True when others were at work meanwhile: then it may go better another time, and as many
   * as there were are halved, once for all that were admitted before. False when it had everything for itself.
   */
  outOfMemory(): boolean;
  /** Makes room; `finished` counts towards one more at a time. A second call does nothing. */
  release(finished: boolean): void;
}

/** Who may work at a time, by number and by memory. */
export interface Admission {
  /** Pieces of work at a time now: 1 to `slots`. */
  readonly limit: number;
  readonly running: number;
  readonly waiting: number;
  /** Bytes that those running were admitted with. */
  readonly used: number;
  /** How many this worker should have in hand: those running, and one more that may run or wait. */
  readonly wanted: number;
  /**
   * Waits for room of so many bytes, in the order asked. What is larger than the whole budget runs alone. Undefined: too many wait
   * already, or `signal` was aborted.
   */
  admit(bytes: number, signal: AbortSignal): Promise<Ticket | undefined>;
  /** Calls back whenever `limit` or `wanted` may have changed. */
  onChange(listener: () => void): void;
}

interface Waiting {
  readonly bytes: number;
  readonly enter: (ticket: Ticket | undefined) => void;
}

interface Holder {
  readonly bytes: number;
  readonly epoch: number;
  /** How many ran at a time at most while it did, itself included. */
  most: number;
}

export function createAdmission({
  slots,
  budget = Number.POSITIVE_INFINITY,
  mostWaiting = 1,
}: AdmissionOptions): Admission {
  const holders = new Set<Holder>();
  const queue: Waiting[] = [];
  const listeners: (() => void)[] = [];
  let [limit, epoch, finishedSince, used] = [slots, 0, 0, 0];
  let pressed = false;

  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const fits = (bytes: number): boolean => holders.size === 0 || (holders.size < limit && used + bytes <= budget);

  function enter(bytes: number): Ticket {
    const holder: Holder = { bytes, epoch, most: 0 };
    holders.add(holder);
    used += bytes;
    for (const each of holders) each.most = Math.max(each.most, holders.size);
    return {
      outOfMemory() {
        if (holder.most === 1) return false;
        if (holder.epoch === epoch) setLimit(Math.max(1, Math.floor(Math.min(limit, holder.most) / 2)));
        return true;
      },
      release(finished) {
        if (!holders.delete(holder)) return;
        used = holders.size === 0 ? 0 : used - bytes;
        if (finished) finishedSince += 1;
        if (finishedSince >= finishedBeforeMore && limit < slots) setLimit(limit + 1);
        letIn();
        changed();
      },
    };
  }

  function setLimit(next: number): void {
    if (next < limit) epoch += 1;
    limit = next;
    finishedSince = 0;
    changed();
  }

  function letIn(): void {
    for (let first = queue[0]; first !== undefined && fits(first.bytes); first = queue[0]) {
      queue.shift();
      first.enter(enter(first.bytes));
    }
  }

  return {
    get limit() {
      return limit;
    },
    get running() {
      return holders.size;
    },
    get waiting() {
      return queue.length;
    },
    get used() {
      return used;
    },
    get wanted() {
      return pressed ? Math.min(limit, holders.size + 1) : limit;
    },
    async admit(bytes, signal) {
      if (signal.aborted) return undefined;
      if (queue.length === 0 && fits(bytes)) {
        const ticket = enter(bytes);
        changed();
        return ticket;
      }
      pressed = true;
      changed();
      if (queue.length >= mostWaiting) return undefined;
      return new Promise((resolve) => {
        const leave = (): void => {
          queue.splice(queue.indexOf(waiting), 1);
          resolve(undefined);
          letIn();
          changed();
        };
        const waiting: Waiting = {
          bytes,
          enter(ticket) {
            signal.removeEventListener("abort", leave);
            resolve(ticket);
          },
        };
        queue.push(waiting);
        signal.addEventListener("abort", leave, { once: true });
      });
    },
    onChange(listener) {
      listeners.push(listener);
    },
  };
}
