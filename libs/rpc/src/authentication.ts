import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status } from "@grpc/grpc-js";
import type { Admission, Authority, RateClass, RefusalReason } from "./authority.js";
import { needOf } from "./roles.js";

export interface GateOptions {
  /** Left out: everybody may do everything. */
  readonly authority: Authority | undefined;
  /** Hears why a call was refused. */
  onRefused(reason: RefusalReason): void;
}

/** Calls in progress at the same time: of all, of one token, and of those that need no token. */
export const callLimits = { all: 1_000, perToken: 500, open: 200 } as const;

const codes: Partial<Record<RefusalReason, status>> = {
  unauthenticated: status.UNAUTHENTICATED,
  expired: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
};

/** Lets a call in, before anything of its message is read, if its token may make it and there is room for it. */
export function gate({ authority, onRefused }: GateOptions): ServerInterceptor {
  const open = counter(callLimits.open);
  const all = counter(callLimits.all);
  const byToken = new Map<string, Counter>();
  const ofToken = (name: string): Counter => {
    const known = byToken.get(name);
    if (known !== undefined) return known;
    const fresh = counter(callLimits.perToken, () => byToken.delete(name));
    byToken.set(name, fresh);
    return fresh;
  };

  const admit = (path: string, metadata: Metadata, call: CallOfServer): Admission => {
    const needs = needOf(path);
    if (needs === "open" || authority === undefined) return { kind: "admitted", name: "", role: "admin" };
    return authority.admit(callerOf(metadata, call), needs, rateClassOf(path));
  };

  return (method, call) => {
    let leave = () => {};
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            const admission = admit(method.path, metadata, call);
            const refuse = (reason: RefusalReason, details: string) => {
              onRefused(reason);
              call.sendStatus({ code: codes[reason] ?? status.RESOURCE_EXHAUSTED, details });
            };
            if (admission.kind === "refused") return refuse(admission.reason, admission.message);
            const isOpen = needOf(method.path) === "open";
            const left = isOpen ? open.enter() : enterBoth(all, ofToken(admission.name));
            if (left === undefined) return refuse("busy", "too many calls are in progress: try again later");
            leave = left;
            return proceed(metadata);
          },
          // Told at the end of every call, however it ends.
          onCancel: () => {
            leave();
            leave = () => {};
          },
        }),
    });
  };
}

type CallOfServer = Parameters<ServerInterceptor>[1];

function callerOf(metadata: Metadata, call: CallOfServer) {
  const values = metadata.get("authorization");
  const { remoteAddress = "unknown", remotePort } = call.getConnectionInfo();
  return {
    authorization: values.length === 1 ? String(values[0]) : undefined,
    peer: remoteAddress,
    connection: String(remotePort),
  };
}

function rateClassOf(path: string): RateClass {
  return path.startsWith("/stride.v1.WorkerService/") ? "worker" : "laboratory";
}

/** How many there are at a time. */
interface Counter {
  /** Counts one in and returns what counts it out; undefined when there are too many. */
  enter(): (() => void) | undefined;
}

function counter(most: number, onEmpty: () => void = () => {}): Counter {
  let now = 0;
  return {
    enter() {
      if (now >= most) return undefined;
      now += 1;
      return () => {
        now -= 1;
        if (now === 0) onEmpty();
      };
    },
  };
}

function enterBoth(one: Counter, other: Counter): (() => void) | undefined {
  const leaveOne = one.enter();
  if (leaveOne === undefined) return undefined;
  const leaveOther = other.enter();
  if (leaveOther === undefined) {
    leaveOne();
    return undefined;
  }
  return () => {
    leaveOne();
    leaveOther();
  };
}
