import type { handleServerStreamingCall, handleUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import { UnusableRequest } from "./message-limits.js";
import { isTransientError, toStatus } from "./status.js";
import { inServerSpan } from "./tracing.js";

export interface HandlerOptions {
  /** Hears of every failure of a handler that is not the caller's fault. */
  onError(error: unknown): void;
  /** True for errors that pass; the caller then tries again. */
  readonly isTransient?: (error: unknown) => boolean;
}

/** Turns promises and iterables into gRPC handlers, and errors into statuses. */
export interface Handlers {
  unary<Request, Response>(answer: (request: Request) => Promise<Response>): handleUnaryCall<Request, Response>;
  streaming<Request, Response>(
    answer: (request: Request) => AsyncIterable<Response>,
  ): handleServerStreamingCall<Request, Response>;
}

export function createHandlers({ onError, isTransient = isTransientError }: HandlerOptions): Handlers {
  const failure = (error: unknown) => {
    const found = toStatus(error, isTransient);
    if (!found.blameless) onError(error);
    return found.status;
  };

  return {
    unary: (answer) => (call, callback) => {
      // Through an async function, so that what a decoder throws is a rejection too.
      inServerSpan(call, async () => answer(usable(call.request))).then(
        (response) => callback(null, response),
        (error: unknown) => callback(failure(error)),
      );
    },
    streaming: (answer) => (call) => {
      inServerSpan(call, async () => {
        for await (const message of answer(usable(call.request))) {
          if (call.cancelled) return;
          if (!call.write(message)) await writable(call);
        }
        call.end();
      }).catch((error: unknown) => call.emit("error", failure(error)));
    },
  };
}

/** The request, if it could be decoded. */
function usable<Request>(request: Request): Request {
  if (request instanceof UnusableRequest) throw request;
  return request;
}

/** Resolves when the caller has taken what was written, or has gone. */
function writable(call: ServerWritableStream<unknown, unknown>): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      for (const event of ["drain", "cancelled", "close"]) call.off(event, settle);
      resolve();
    };
    for (const event of ["drain", "cancelled", "close"]) call.on(event, settle);
  });
}
