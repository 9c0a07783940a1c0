import { type ServiceError, type StatusObject, status } from "@grpc/grpc-js";
import { InvalidArgument, PolicyNotFound, StudyNotFound } from "@stride/experiment";
import { ClientClosed, Forbidden, ProtocolMismatch, RemoteFailure, Unauthenticated, Unreachable } from "./errors.js";
import { UnusableRequest } from "./message-limits.js";
import { protocolRefusal } from "./protocol.js";

/** Details travel in an HTTP/2 header, percent-encoded: their encoded length is bounded. */
const maxDetailsBytes = 8_192;

/** What an error of a handler becomes on the wire, and whether it is the caller's fault alone. */
export interface Failure {
  readonly status: Partial<StatusObject>;
  readonly blameless: boolean;
}

/** Translates an error of a handler. What callers may not see (bugs, addresses, queries) is left out. */
export function toStatus(error: unknown, isTransient: (error: unknown) => boolean): Failure {
  if (error instanceof UnusableRequest) return refusal(error.code, error.message);
  if (error instanceof InvalidArgument) return refusal(status.INVALID_ARGUMENT, error.message);
  if (error instanceof StudyNotFound || error instanceof PolicyNotFound)
    return refusal(status.NOT_FOUND, error.message);
  const [code, details] = isTransient(error)
    ? [status.UNAVAILABLE, "the coordinator cannot reach a service that it needs"]
    : [status.INTERNAL, "an error in the coordinator; its log says which"];
  return { status: { code, details }, blameless: false };
}

function refusal(code: status, message: string): Failure {
  return { status: { code, details: bounded(message) }, blameless: true };
}

/** The longest prefix that fits when percent-encoded, with a mark where it was cut. */
function bounded(text: string): string {
  const whole = Buffer.from(text).toString(); // Lone surrogates cannot be percent-encoded.
  if (encodeURIComponent(whole).length <= maxDetailsBytes) return whole;
  let kept = "";
  let length = 0;
  for (const character of whole) {
    length += encodeURIComponent(character).length;
    if (length > maxDetailsBytes - 3) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Errors of the network and SQLSTATE classes that pass: connection, resources, operator intervention, rollback. */
const transientCodes =
  /^(?:ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|(?:08|53|57|40)[0-9A-Z]{3})$/;

/** Database drivers say some losses of a connection in words alone. */
const transientMessages =
  /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when try)/;

/** True when the error, or what caused it, is one of a service that is away for the moment. */
export function isTransientError(error: unknown): boolean {
  let link = error;
  for (let depth = 0; link instanceof Error && depth < 10; depth += 1) {
    if ("code" in link && typeof link.code === "string" && transientCodes.test(link.code)) return true;
    if (transientMessages.test(link.message)) return true;
    link = link.cause;
  }
  return false;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "details" in error;
}

/** True when the same call may succeed later: every call here can be repeated. */
export function isRetryable(error: unknown): boolean {
  if (!isServiceError(error)) return false;
  switch (error.code) {
    case status.UNAVAILABLE:
    case status.DEADLINE_EXCEEDED:
    case status.ABORTED:
    case status.CANCELLED: // By the server, which cut the call off while it closed; our own closing aborts the signal too.
      return true;
    case status.INTERNAL:
      return /RST_STREAM/.test(error.details); // The connection broke, not the handler.
    case status.RESOURCE_EXHAUSTED:
      return !isTooLarge(error);
    default:
      return false;
  }
}

/** True for a failure that a handshake may have caused: not where nobody listens, or no answer came in time. */
export function mayBeTls(error: unknown): boolean {
  return (
    isServiceError(error) &&
    error.code === status.UNAVAILABLE &&
    !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/.test(error.details)
  );
}

/** gRPC reports a message above the size limit as an exhausted resource, which no retry mends. */
function isTooLarge(error: ServiceError): boolean {
  return /larger than/.test(error.details);
}

/** What a failed call was about. */
export interface CallContext {
  readonly address: string;
  readonly signal: AbortSignal;
  /** The study the call named, if it did. */
  readonly study?: string;
  /** Likewise the policy. */
  readonly policy?: { readonly name: string; readonly version: number };
}

/** The error of ours that a failed call becomes; the wire's error is kept as its cause. */
export function fromStatus(error: unknown, { address, signal, study, policy }: CallContext): unknown {
  if (signal.aborted) return new ClientClosed();
  if (!isServiceError(error)) return error;
  const options = { cause: error };
  switch (error.code) {
    case status.INVALID_ARGUMENT:
      return new InvalidArgument(error.details, options);
    case status.NOT_FOUND:
      if (study !== undefined) return new StudyNotFound(study);
      if (policy !== undefined) return new PolicyNotFound(policy.name, policy.version);
      return new RemoteFailure(address, error.details, options);
    case status.UNAUTHENTICATED:
      return new Unauthenticated(address, error.details, options);
    case status.PERMISSION_DENIED:
      return new Forbidden(address, error.details, options);
    case status.DEADLINE_EXCEEDED:
      return new Unreachable(address, "no answer in time", options);
    case status.FAILED_PRECONDITION: {
      const refusal = protocolRefusal(error.details);
      if (refusal !== undefined) return new ProtocolMismatch(address, refusal, options);
      return new RemoteFailure(address, error.details, options);
    }
    case status.UNIMPLEMENTED:
      return new RemoteFailure(address, `${error.details} (is it of the same version?)`, options);
    default:
      return isRetryable(error)
        ? new Unreachable(address, reasonOf(error), options)
        : new RemoteFailure(address, error.details, options);
  }
}

/** What went wrong, without what gRPC wraps around it. */
function reasonOf({ details }: ServiceError): string {
  return /Last error: (?:Error: )?(.+?)\. Resolution note/.exec(details)?.[1] ?? details;
}
