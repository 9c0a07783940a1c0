import { type ObservedCall, refusalReasons } from "@stride/rpc";
import type { Metrics } from "@stride/telemetry";
import type { Log } from "./log.js";

/** Unary calls that take longer than this many seconds are told of. */
const slowSeconds = 2;
/** The same refusal is told of once in this many milliseconds: whoever is refused tries again. */
const refusalEveryMs = 10_000;

/** Why a call was refused before it reached its handler, by the gRPC status that says so. */
const reasons: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: "unauthenticated",
  PERMISSION_DENIED: "forbidden",
  RESOURCE_EXHAUSTED: "rate",
  FAILED_PRECONDITION: "protocol",
};
/** Every reason that `stride_refused_calls_total` may name. */
export const refusals: readonly string[] = [...refusalReasons, "protocol"];

export interface CallObserverOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now?: () => number;
}

/** Counts calls, and logs those that were refused or slow. */
export function callObserver({ log, metrics, now = Date.now }: CallObserverOptions): (call: ObservedCall) => void {
  const toldAt = new Map<string, number>();
  return (call) => {
    const { method, code, seconds, streams, peer } = call;
    metrics.call(call);
    const reason = reasons[code];
    if (reason !== undefined) {
      // The others are counted where they are refused, before there is a call.
      if (reason === "protocol") metrics.refused(reason);
      const key = `${reason} ${method}`;
      if (now() - (toldAt.get(key) ?? Number.NEGATIVE_INFINITY) >= refusalEveryMs) {
        toldAt.set(key, now());
        log.warn({ method, reason, peer }, "call refused");
      }
    } else if (seconds > slowSeconds && !streams) {
      log.warn({ method, code, seconds: Number(seconds.toFixed(3)) }, "slow call");
    }
  };
}
