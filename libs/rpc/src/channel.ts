import { setMaxListeners } from "node:events";
import { type CallOptions, type ClientReadableStream, Metadata } from "@grpc/grpc-js";
import { InvalidArgument } from "@stride/experiment";
import { formatAddress, parseAddress } from "./address.js";
import { maxMessageBytes } from "./batches.js";
import { checkedToken } from "./checked-token.js";
import type { ClientTls } from "./client-tls.js";
import { openConnection } from "./connection.js";
import { connectionFault } from "./connection-fault.js";
import { ClientClosed, RemoteFailure, TlsFailure } from "./errors.js";
import type { FileValue } from "./file-value.js";
import { protocol, protocolHeader } from "./protocol.js";
import { type RetryPolicy, systemTiming, type Timing, withRetries } from "./retry.js";
import { fromStatus, isRetryable, mayBeTls } from "./status.js";
import { injectTrace } from "./tracing.js";

export interface ClientConfiguration {
  /** "host:port" of the coordinator. */
  readonly address: string;
  /** Sent with every call; never logged. Of a file: as it is at each call. */
  readonly token?: string | FileValue<string>;
  /** Left out: plain text. Of files: a call that finds them changed connects anew. */
  readonly tls?: ClientTls | FileValue<ClientTls>;
  /** Replaces parts of the client's own policy. */
  readonly retry?: Partial<RetryPolicy>;
  readonly timing?: Timing;
  /** Which protocol to say that it speaks; this version's when left out. */
  readonly protocol?: number;
}

/** The parts of a generated method definition that a call needs. */
interface Method<Request, Response> {
  readonly path: string;
  requestSerialize(request: Request): Buffer;
  responseDeserialize(bytes: Buffer): Response;
}

export interface CallDetails {
  /** The study the call names: its absence is then reported by name. */
  readonly study?: string;
  /** Likewise the policy. */
  readonly policy?: { readonly name: string; readonly version: number };
  readonly deadlineMs?: number;
}

/** Calls with deadlines, retries and translated errors. `decode` turns an answer of the wire into ours. */
export interface Channel extends AsyncDisposable {
  unary<Request, Response, Result>(
    method: Method<Request, Response>,
    request: Request,
    decode: (response: Response) => Result,
    details?: CallDetails,
  ): Promise<Result>;
  /** Opening is retried; a stream that breaks after its first message is an error. */
  stream<Request, Response, Result>(
    method: Method<Request, Response>,
    request: Request,
    decode: (response: Response) => readonly Result[],
    details?: CallDetails,
  ): AsyncGenerator<Result>;
}

export function openChannel(configuration: ClientConfiguration, defaults: RetryPolicy): Channel {
  const { token, timing = systemTiming } = configuration;
  const place = parseAddress("address", configuration.address);
  const address = formatAddress(place);
  const policy = { ...defaults, ...configuration.retry };
  const tls = () => asItIs(configuration.tls);
  const connection = openConnection(place, tls);
  const closing = new AbortController();
  const { signal } = closing;
  setMaxListeners(0, signal); // One a call in progress.
  if (typeof token === "string") checkedToken(token);
  const metadata = () => {
    const headers = new Metadata();
    headers.set(protocolHeader, String(configuration.protocol ?? protocol));
    const sent = asItIs(token);
    if (sent !== undefined) headers.set("authorization", `Bearer ${sent}`);
    injectTrace(headers);
    return headers;
  };
  let answered = false;

  /** A failure that comes from TLS by its reason; others as they are. */
  const explained = async (error: unknown): Promise<unknown> => {
    if (signal.aborted || !mayBeTls(error)) return error;
    const fault = await connectionFault(place, tls());
    return fault === undefined ? error : new TlsFailure(address, fault, { cause: error });
  };

  /** Runs one kind of call under the policy; `attempt` makes it once. */
  const run = async <T>(details: CallDetails, attempt: (options: CallOptions) => Promise<T>): Promise<T> => {
    if (signal.aborted) throw new ClientClosed();
    const own = details.deadlineMs === undefined ? policy : { ...policy, deadlineMs: details.deadlineMs };
    const once = async (deadline: Date): Promise<T> => {
      try {
        const answer = await attempt({ deadline });
        answered = true;
        return answer;
      } catch (error) {
        // A connection that never was good does not become so by itself; one that was may, by a new certificate.
        throw answered ? error : await explained(error);
      }
    };
    try {
      return await withRetries(once, { policy: own, timing, signal, isRetryable });
    } catch (error) {
      throw fromStatus(answered ? await explained(error) : error, { address, signal, ...details });
    }
  };

  return {
    async unary(method, request, decode, details = {}) {
      const bytes = encode(method, request);
      const response = await run(details, (callOptions) => {
        return new Promise<Parameters<typeof decode>[0]>((resolve, reject) => {
          const cancel = () => call.cancel();
          const { client, release } = connection.acquire();
          const call = client.makeUnaryRequest(
            method.path,
            passThrough,
            method.responseDeserialize,
            bytes,
            metadata(),
            callOptions,
            (error, value) => {
              signal.removeEventListener("abort", cancel);
              release();
              if (error === null && value !== undefined) resolve(value);
              else reject(error);
            },
          );
          signal.addEventListener("abort", cancel);
        });
      });
      return understood(address, () => decode(response));
    },

    async *stream(method, request, decode, details = {}) {
      const bytes = encode(method, request);
      type Response = Parameters<typeof decode>[0];
      let call: ClientReadableStream<Response> | undefined;
      const cancel = () => call?.cancel();
      signal.addEventListener("abort", cancel);
      try {
        const { first, rest } = await run(details, async (callOptions) => {
          const { client, release } = connection.acquire();
          call = client.makeServerStreamRequest(
            method.path,
            passThrough,
            method.responseDeserialize,
            bytes,
            metadata(),
            callOptions,
          );
          call.once("close", release);
          call.on("error", () => {}); // The iterator reports it; a cancelled stream has no other listener.
          const iterator: AsyncIterator<Response> = call[Symbol.asyncIterator]();
          return { first: await iterator.next(), rest: iterator };
        });
        for (let next = first; next.done !== true; next = await rest.next()) {
          const { value } = next;
          yield* understood(address, () => decode(value));
        }
      } catch (error) {
        throw fromStatus(error, { address, signal, ...details });
      } finally {
        signal.removeEventListener("abort", cancel);
        cancel();
      }
    },

    async [Symbol.asyncDispose]() {
      closing.abort();
      connection.close();
    },
  };
}

function asItIs<T extends string | ClientTls>(given: T | FileValue<T> | undefined): T | undefined {
  return typeof given === "object" && "current" in given ? given.current() : given;
}

/** An answer that does not decode is the server's failure, not bad input. */
function understood<T>(address: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof InvalidArgument)) throw error;
    throw new RemoteFailure(address, `it answered what this version does not understand (${error.message})`, {
      cause: error,
    });
  }
}

const passThrough = (bytes: Buffer): Buffer => bytes;

function encode<Request>(method: Method<Request, unknown>, request: Request): Buffer {
  const bytes = method.requestSerialize(request);
  if (bytes.length > maxMessageBytes) {
    throw new InvalidArgument(`a call may carry at most ${maxMessageBytes} bytes, this one has ${bytes.length}`);
  }
  return bytes;
}
