import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status } from "@grpc/grpc-js";

/** What a server understands: protocols from the oldest to the newest. */
export interface ProtocolRange {
  readonly oldest: number;
  readonly newest: number;
}

/**
 * The protocol of this version, and what a coordinator of this version understands. It counts up whenever an older or a newer worker would
 * misread a call or a job; then `oldest` follows, unless both ways are understood. Field additions that may be left out change nothing.
 */
export const protocol = 1;
export const protocols: ProtocolRange = { oldest: 1, newest: protocol };

export const protocolHeader = "stride-protocol";

/** Marks the refusal on the wire, so that a client tells it from other failed preconditions. */
const mark = "protocol mismatch: ";

/**
 * Refuses calls of Stride's own services that speak another protocol. A caller that names none, as a generic gRPC client does, is taken
 * for one of the first protocol.
 */
export function requireProtocol({ oldest, newest }: ProtocolRange): ServerInterceptor {
  const refusalOf = (metadata: Metadata): string | undefined => {
    const text = String(metadata.get(protocolHeader)[0] ?? "1");
    const spoken = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined;
    const understood = oldest === newest ? `${newest}` : `${oldest} to ${newest}`;
    if (spoken === undefined) return `the header ${protocolHeader} must be a whole number from 1 to 999999`;
    if (spoken < oldest) {
      return `the caller speaks protocol ${spoken}, this coordinator ${understood}: upgrade the caller (the worker or the command line)`;
    }
    if (spoken > newest)
      return `the caller speaks protocol ${spoken}, this coordinator ${understood}: upgrade the coordinator first`;
    return undefined;
  };
  return (method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            const refusal = method.path.startsWith("/stride.") ? refusalOf(metadata) : undefined;
            if (refusal === undefined) proceed(metadata);
            else call.sendStatus({ code: status.FAILED_PRECONDITION, details: `${mark}${refusal}` });
          },
        }),
    });
}

/** Why a server refused the protocol; undefined when that is not what it said. */
export function protocolRefusal(details: string): string | undefined {
  return details.startsWith(mark) ? details.slice(mark.length) : undefined;
}
