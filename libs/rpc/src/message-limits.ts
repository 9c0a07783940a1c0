import { status } from "@grpc/grpc-js";
import type { RefusalReason } from "./authority.js";
import { maxMessageBytes } from "./batches.js";

/** The most bytes that a request may have; most requests name a study or an attempt and little else. */
const usualBytes = 64 * 1024;
const mebibyte = 1024 * 1024;
const ownBytes: Readonly<Record<string, number>> = {
  "/stride.v1.LaboratoryService/Submit": 8 * mebibyte,
  "/stride.v1.LaboratoryService/ListCurves": 8 * mebibyte,
  "/stride.v1.WorkerService/Report": 8 * mebibyte,
  "/stride.v1.WorkerService/FinishAttempt": mebibyte,
  "/stride.v1.WorkerService/FinishEpisodes": maxMessageBytes,
  "/stride.v1.WorkerService/FinishUpdate": maxMessageBytes,
};

/** The most bytes a request of the method may have. */
export function requestLimit(path: string): number {
  return ownBytes[path] ?? usualBytes;
}

/** Stands for a request that is too large or does not decode, until its handler answers so. */
export class UnusableRequest extends Error {
  readonly code: status;
  constructor(code: status, message: string) {
    super(message);
    this.name = "UnusableRequest";
    this.code = code;
  }
}

interface Method {
  readonly path: string;
  requestDeserialize(bytes: Buffer): unknown;
}

/**
 * The service's definition, whose decoders look at a request's size first. What they cannot take becomes an `UnusableRequest` in its
 * place: gRPC itself would call that an internal error.
 */
export function withLimits<Definition extends Readonly<Record<string, Method>>>(
  definition: Definition,
  onRefused: (reason: RefusalReason) => void,
): Definition {
  const limited = Object.entries(definition).map(([name, method]) => {
    const limit = requestLimit(method.path);
    const requestDeserialize = (bytes: Buffer): unknown => {
      if (bytes.length > limit) {
        onRefused("oversized");
        const message = `Received message larger than max of this method (${bytes.length} vs ${limit})`;
        return new UnusableRequest(status.RESOURCE_EXHAUSTED, message);
      }
      try {
        return method.requestDeserialize(bytes);
      } catch {
        onRefused("malformed");
        return new UnusableRequest(status.INVALID_ARGUMENT, "the request is not a message of this method");
      }
    };
    return [name, { ...method, requestDeserialize }] as const;
  });
  return Object.fromEntries(limited) as Definition;
}
