import { Server } from "@grpc/grpc-js";
import type { AgentReporter, Laboratory, StartAnswer, TrialReporter, WorkerReporter } from "@stride/experiment";
import type { WinRate } from "@stride/statistics";
import { HealthImplementation } from "grpc-health-check";
import { formatAddress, parseAddress } from "./address.js";
import { answerMemory } from "./answer-memory.js";
import { checkedToken, requireToken } from "./authentication.js";
import { maxMessageBytes } from "./batches.js";
import type { WinRateQuestion } from "./codec/win-rates.js";
import { LaboratoryServiceService } from "./gen/stride/v1/laboratory.js";
import { WorkerServiceService } from "./gen/stride/v1/worker.js";
import { createHandlers } from "./handlers.js";
import { laboratoryService } from "./laboratory-service.js";
import { bind, resolveListenAddress, type ServerTls } from "./listen.js";
import { type ObservedCall, observeCalls } from "./observe.js";
import { type ProtocolRange, protocols, requireProtocol } from "./protocol.js";
import { addReflection } from "./reflection.js";
import { workerService } from "./worker-service.js";

export interface ServeOptions {
  /** "host:port" or "[IPv6]:port"; port 0 takes a free one. */
  readonly address: string;
  readonly reporter: TrialReporter & AgentReporter & WorkerReporter;
  readonly laboratory: Laboratory<WinRateQuestion, WinRate>;
  /** Callers must send it. Left out: only loopback addresses are accepted. */
  readonly token?: string;
  /** Left out: plain text. */
  readonly tls?: ServerTls;
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
const services = ["", "stride.v1.WorkerService", "stride.v1.LaboratoryService"];

/**
 * Serves the worker's and the laboratory's calls, health and reflection. Disposing it says "not serving", lets calls in progress
 * finish, and cuts off those that take longer than `shutdownMs`. Throws `PortTaken` or `InvalidArgument`.
 */
export async function serveGrpc(options: ServeOptions): Promise<GrpcServer> {
  const { token, shutdownMs = 5_000, onError = () => {}, onCall } = options;
  if (token !== undefined) checkedToken(token);
  const address = await resolveListenAddress(parseAddress("address", options.address), token);
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    interceptors: [
      ...(onCall === undefined ? [] : [observeCalls(onCall)]),
      ...(token === undefined ? [] : [requireToken(token)]),
      requireProtocol(options.protocols ?? protocols),
    ],
  });
  const { isTransient } = options;
  const handlers = createHandlers(isTransient === undefined ? { onError } : { onError, isTransient });
  const memory = { capacity: 10_000, keepMs: requestIdsKeptMs, now: Date.now };
  const started = answerMemory<StartAnswer>(memory);
  server.addService(WorkerServiceService, workerService(options.reporter, started, handlers));
  server.addService(LaboratoryServiceService, laboratoryService(options.laboratory, memory, handlers));
  const health = new HealthImplementation(Object.fromEntries(services.map((name) => [name, "SERVING"])));
  health.addToServer(server);
  addReflection(server);
  const port = await bind(server, address, options.tls);

  return {
    address: formatAddress({ ...address, port }),
    port,
    async [Symbol.asyncDispose]() {
      for (const name of services) health.setStatus(name, "NOT_SERVING");
      await shutDown(server, shutdownMs);
    },
  };
}

function shutDown(server: Server, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), limitMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
