import { setMaxListeners } from "node:events";
import {
  type CallOptions,
  Client,
  type ClientOptions,
  type ClientReadableStream,
  credentials,
  Metadata,
} from "@grpc/grpc-js";
import { InvalidArgument } from "@stride/experiment";
import { formatAddress, parseAddress } from "./address.js";
import { checkedToken } from "./authentication.js";
import { maxMessageBytes } from "./batches.js";
import { ClientClosed, RemoteFailure } from "./errors.js";
import { protocol, protocolHeader } from "./protocol.js";
import { type RetryPolicy, systemTiming, type Timing, withRetries } from "./retry.js";
import { fromStatus, isRetryable } from "./status.js";
import { injectTrace } from "./tracing.js";

/** The contents (not the names) of PEM files. */
export interface ClientTls {
  /** Authorities to trust instead of the system's. */
  readonly ca?: Buffer;
  /** The client's own certificate and key, when the server asks for them. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** The name the server's certificate is for, when it is not the address's host. */
  readonly serverName?: string;
}

export interface ClientConfiguration {
  /** "host:port" of the coordinator. */
  readonly address: string;
  /** Sent with every call; never logged. */
  readonly token?: string;
  /** Left out: plain text. */
  readonly tls?: ClientTls;
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

const options: ClientOptions = {
  "grpc.max_send_message_length": maxMessageBytes,
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  // The channel's own backoff grows to minutes by default; ours decides, so a restarted coordinator is seen within seconds.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
  "grpc.enable_retries": 0,
  // Coordinators are local or in the cluster; a proxy meant for the web would swallow the call.
  "grpc.enable_http_proxy": 0,
};

export function openChannel(configuration: ClientConfiguration, defaults: RetryPolicy): Channel {
  const { tls, token, timing = systemTiming } = configuration;
  const address = formatAddress(parseAddress("address", configuration.address));
  const policy = { ...defaults, ...configuration.retry };
  const client = new Client(address, tls === undefined ? credentials.createInsecure() : secure(tls), {
    ...options,
    ...(tls?.serverName === undefined ? {} : { "grpc.ssl_target_name_override": tls.serverName }),
  });
  const closing = new AbortController();
  const { signal } = closing;
  setMaxListeners(0, signal); // One a call in progress.
  const authorization = token === undefined ? undefined : `Bearer ${checkedToken(token)}`;
  const metadata = () => {
    const headers = new Metadata();
    headers.set(protocolHeader, String(configuration.protocol ?? protocol));
    if (authorization !== undefined) headers.set("authorization", authorization);
    injectTrace(headers);
    return headers;
  };

  /** Runs one kind of call under the policy; `attempt` makes it once. */
  const run = async <T>(details: CallDetails, attempt: (options: CallOptions) => Promise<T>): Promise<T> => {
    if (signal.aborted) throw new ClientClosed();
    const own = details.deadlineMs === undefined ? policy : { ...policy, deadlineMs: details.deadlineMs };
    try {
      return await withRetries((deadline) => attempt({ deadline }), { policy: own, timing, signal, isRetryable });
    } catch (error) {
      throw fromStatus(error, { address, signal, ...details });
    }
  };

  return {
    async unary(method, request, decode, details = {}) {
      const bytes = encode(method, request);
      const response = await run(details, (callOptions) => {
        return new Promise<Parameters<typeof decode>[0]>((resolve, reject) => {
          const cancel = () => call.cancel();
          const call = client.makeUnaryRequest(
            method.path,
            passThrough,
            method.responseDeserialize,
            bytes,
            metadata(),
            callOptions,
            (error, value) => {
              signal.removeEventListener("abort", cancel);
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
          call = client.makeServerStreamRequest(
            method.path,
            passThrough,
            method.responseDeserialize,
            bytes,
            metadata(),
            callOptions,
          );
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
      client.close();
    },
  };
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

function secure({ ca, cert, key }: ClientTls) {
  return credentials.createSsl(ca ?? null, key ?? null, cert ?? null);
}
