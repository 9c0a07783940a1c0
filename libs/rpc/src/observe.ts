import { ServerInterceptingCall, type ServerInterceptor, status } from "@grpc/grpc-js";

/** One call that was answered or refused. */
export interface ObservedCall {
  /** Such as `stride.v1.WorkerService/Report`; always one that is served. */
  readonly method: string;
  /** The name of its status, such as `OK`. */
  readonly code: string;
  readonly seconds: number;
  /** Whether its answer is a stream, which lasts as long as it is read. */
  readonly streams: boolean;
  /** The caller's address. */
  readonly peer: string;
}

/** Tells of each call once, when it ends. The first of a server's interceptors, so that it sees what the others refuse. */
export function observeCalls(onCall: (call: ObservedCall) => void): ServerInterceptor {
  return (method, call) => {
    const startedAt = performance.now();
    let told = false;
    const tell = (code: status): void => {
      if (told) return;
      told = true;
      onCall({
        method: method.path.slice(1),
        code: status[code] ?? "UNKNOWN",
        seconds: (performance.now() - startedAt) / 1_000,
        streams: method.responseStream,
        peer: call.getPeer(),
      });
    };
    return new ServerInterceptingCall(call, {
      start: (next) => next({ onCancel: () => tell(status.CANCELLED) }),
      sendStatus: (outcome, next) => {
        tell(outcome.code);
        next(outcome);
      },
    });
  };
}
