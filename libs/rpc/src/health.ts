import { lookup } from "node:dns/promises";
import { Server } from "@grpc/grpc-js";
import { InvalidArgument } from "@stride/experiment";
import { HealthImplementation, service as methods } from "grpc-health-check";
import { type Address, parseAddress } from "./address.js";
import { type ClientConfiguration, openChannel } from "./channel.js";
import { listen } from "./listen.js";

export interface HealthOptions {
  /** "host:port" or "[IPv6]:port"; port 0 takes a free one. Probes carry no token: everybody who reaches it may ask. */
  readonly address: string;
  /** Once aborted the process is on its way out: not ready, and alive until the end. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks at what readiness needs, and of one look at most; 3,000 and 2,000 when left out. */
  readonly everyMs?: number;
  readonly timeoutMs?: number;
  /** Told when readiness changes, and why it went. */
  onChange?(ready: boolean, why: string | undefined): void;
}

export interface HealthServer extends AsyncDisposable {
  readonly port: number;
  /** Looks at once and from then on every few seconds: ready as long as `check` resolves in time. Not ready before this is called. */
  watch(check: () => Promise<unknown>): void;
}

const liveness = "liveness";
/** The empty name is what probes ask for when they name none. */
const readiness = ["readiness", ""];

/**
 * Serves gRPC health in plain text for probes: `liveness` serves as long as the process answers at all, `readiness` follows what it
 * needs. Probes cost no look: they are told the last one's result. Throws `PortTaken` or `InvalidArgument`.
 */
export async function serveHealth(options: HealthOptions): Promise<HealthServer> {
  const { signal, everyMs = 3_000, timeoutMs = 2_000, onChange = () => {} } = options;
  const health = new HealthImplementation({ [liveness]: "SERVING", readiness: "NOT_SERVING", "": "NOT_SERVING" });
  let ready = false;
  const say = (now: boolean, why?: string): void => {
    if (now === ready) return;
    ready = now;
    for (const name of readiness) health.setStatus(name, now ? "SERVING" : "NOT_SERVING");
    onChange(now, why);
  };
  const server = new Server();
  health.addToServer(server);
  const address = await numeric(options.address);
  const listener = await listen(server, { address, tls: undefined, onRefused: () => {} });
  const { port } = listener;

  let timer: NodeJS.Timeout | undefined;
  const leave = (): void => {
    clearTimeout(timer);
    say(false, "it is shutting down");
  };
  signal.addEventListener("abort", leave, { once: true });

  const look = async (check: () => Promise<unknown>): Promise<void> => {
    const why = await settledWithin(check, timeoutMs);
    if (signal.aborted) return;
    say(why === undefined, why);
    timer = setTimeout(() => void look(check), everyMs);
  };
  return {
    port,
    watch(check) {
      if (!signal.aborted) void look(check);
    },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", leave);
      clearTimeout(timer);
      listener.close();
      server.forceShutdown();
    },
  };
}

/** Beyond loopback, too, and without a token: a probe reads one word. */
async function numeric(text: string): Promise<Address> {
  const { host, port } = parseAddress("health", text);
  const found = await lookup(host).catch((error: unknown) => {
    throw new InvalidArgument(`health: cannot find the host ${JSON.stringify(host)}`, { cause: error });
  });
  return { host: found.address, port };
}

/** Undefined when the check resolves in time, else why not. */
async function settledWithin(check: () => Promise<unknown>, ms: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${ms} ms`), ms);
  });
  const result = (async () => check())().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const why = await Promise.race([result, late]);
  clearTimeout(timer);
  return why;
}

/** Asks a coordinator whether it serves. */
export interface HealthClient extends AsyncDisposable {
  /** Resolves when it does; rejects as any client's call does. */
  check(): Promise<void>;
}

const check = methods.Check as NonNullable<(typeof methods)["Check"]>;

export function createHealthClient(configuration: ClientConfiguration): HealthClient {
  const channel = openChannel(configuration, { deadlineMs: 2_000, limitMs: 0, firstPauseMs: 0, maxPauseMs: 0 });
  return {
    async check() {
      const answer = await channel.unary(
        check,
        { service: "" },
        (response) => response as { readonly status?: unknown },
      );
      if (answer.status !== "SERVING") throw new Error(`the coordinator at ${configuration.address} is not serving`);
    },
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  };
}
