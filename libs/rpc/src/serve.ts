import { Server } from "@grpc/grpc-js";
import type { AgentReporter, Laboratory, StartAnswer, TrialReporter, WorkerReporter } from "@stride/experiment";
import type { WinRate } from "@stride/statistics";
import { HealthImplementation } from "grpc-health-check";
import { formatAddress, parseAddress } from "./address.js";
import { answerMemory } from "./answer-memory.js";
import { gate } from "./authentication.js";
import { type Authority, type RefusalReason, soleAuthority } from "./authority.js";
import { maxMessageBytes } from "./batches.js";
import type { WinRateQuestion } from "./codec/win-rates.js";
import type { FileValue } from "./file-value.js";
import { LaboratoryServiceService } from "./gen/stride/v1/laboratory.js";
import { WorkerServiceService } from "./gen/stride/v1/worker.js";
import { createHandlers } from "./handlers.js";
import { laboratoryService } from "./laboratory-service.js";
import { type Listener, listen, resolveListenAddress, type ServerTls } from "./listen.js";
import { withLimits } from "./message-limits.js";
import { type ObservedCall, observeCalls } from "./observe.js";
import { type ProtocolRange, protocols, requireProtocol } from "./protocol.js";
import { addReflection } from "./reflection.js";
import { workerService } from "./worker-service.js";

export interface ServeOptions {
  /** "host:port" or "[IPv6]:port"; port 0 takes a free one. */
  readonly address: string;
  readonly reporter: TrialReporter & AgentReporter & WorkerReporter;
  readonly laboratory: Laboratory<WinRateQuestion, WinRate>;
  /** Who may do what. Left out, and without a token: everybody everything, and only loopback addresses are accepted. */
  readonly authority?: Authority;
  /** Instead of an authority: the one token there is, which may do everything. */
  readonly token?: string;
  /** Left out: plain text. Of files: connections see what they hold since it was last asked for. */
  readonly tls?: ServerTls | FileValue<ServerTls>;
  /** Hears why a call or a connection was refused. */
  onRefused?(reason: RefusalReason): void;
  /** Hears of every failure that is not a caller's fault. */
  onError?(error: unknown): void;
  /** Hears of every call when it ends, refused ones too. */
  readonly onCall?: ((call: ObservedCall) => void) | undefined;
  /** True for errors that pass, which callers then retry; by default those of the network and of a database that is away. */
  readonly isTransient?: (error: unknown) => boolean;
  /** Which protocols callers may speak; this version's when left out. */
  readonly protocols?: ProtocolRange;
  /** How long closing waits for calls in progress. */
  readonly shutdownMs?: number;
}

export interface GrpcServer extends AsyncDisposable {
  /** "host:port" as it is bound. */
  readonly address: string;
  readonly port: number;
}

/** Longer than any client repeats a call. */
const requestIdsKeptMs = 60 * 60_000;
/** A worker has a few calls in progress for each of its slots, of which it has 256 at most. */
const streamsPerConnection = 1_000;
const services = ["", "stride.v1.WorkerService", "stride.v1.LaboratoryService"];

/**
 * Serves the worker's and the laboratory's calls, health and reflection. Disposing it says "not serving", lets calls in progress
 * finish, and cuts off those that take longer than `shutdownMs`. Throws `PortTaken` or `InvalidArgument`.
 */
export async function serveGrpc(options: ServeOptions): Promise<GrpcServer> {
  const { token, tls, shutdownMs = 5_000, onError = () => {}, onRefused = () => {}, onCall } = options;
  const authority = options.authority ?? (token === undefined ? undefined : soleAuthority(token));
  const address = await resolveListenAddress(parseAddress("address", options.address), authority !== undefined);
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    "grpc.max_concurrent_streams": streamsPerConnection,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    interceptors: [
      ...(onCall === undefined ? [] : [observeCalls(onCall)]),
      gate({ authority, onRefused }),
      requireProtocol(options.protocols ?? protocols),
    ],
  });
  const { isTransient } = options;
  const handlers = createHandlers(isTransient === undefined ? { onError } : { onError, isTransient });
  const memory = { capacity: 10_000, keepMs: requestIdsKeptMs, now: Date.now };
  const started = answerMemory<StartAnswer>(memory);
  server.addService(withLimits(WorkerServiceService, onRefused), workerService(options.reporter, started, handlers));
  server.addService(
    withLimits(LaboratoryServiceService, onRefused),
    laboratoryService(options.laboratory, memory, handlers),
  );
  const health = new HealthImplementation(Object.fromEntries(services.map((name) => [name, "SERVING"])));
  health.addToServer(server);
  addReflection(server);
  const files = tls !== undefined && "current" in tls ? tls : undefined;
  const pair = tls !== undefined && "current" in tls ? tls.current() : tls;
  const listener = await listen(server, { address, tls: pair, onRefused });
  files?.subscribe(listener.replaceTls);

  return {
    address: formatAddress({ ...address, port: listener.port }),
    port: listener.port,
    async [Symbol.asyncDispose]() {
      for (const name of services) health.setStatus(name, "NOT_SERVING");
      listener.close();
      await shutDown(server, listener, shutdownMs);
    },
  };
}

function shutDown(server: Server, listener: Listener, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      listener.destroyConnections();
    }, limitMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
